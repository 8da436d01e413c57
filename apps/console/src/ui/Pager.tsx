import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useText } from '../i18n';
import type { ListPager } from './useListParams';

/** Previous and next; the server pages by cursor, so there is no count and no jumping. */
export function Pager({ pager, nextCursor }: { pager: ListPager; nextCursor: string | null }) {
  const t = useText();
  if (pager.page === 1 && nextCursor === null) return null;
  return (
    <div className="pager">
      <Button disabled={pager.page === 1} icon={<LeftOutlined />} onClick={pager.previous}>
        {pager.page === null ? t.common.firstPage : t.common.previous}
      </Button>
      {pager.page !== null && <span className="num">{t.common.pageNumber(pager.page)}</span>}
      <Button
        disabled={nextCursor === null}
        icon={<RightOutlined />}
        iconPlacement="end"
        onClick={() => nextCursor !== null && pager.next(nextCursor)}
      >
        {t.common.next}
      </Button>
    </div>
  );
}
