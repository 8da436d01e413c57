import { moment } from '../../core/time';
import { platform } from '../../platform';
import { displacedStore, forgetDisplaced } from '../../state/app';
import { useStore } from '../../state/store';
import { useNow } from '../../ui/hooks';
import { Icon } from '../../ui/Icon';
import { Box, Heading, Pair, Pairs, Screen, Tap, Txt } from '../../ui/kit';
import './index.css';

export default function DisplacedPage() {
  const displaced = useStore(displacedStore);
  const now = useNow(60_000);
  const again = () => {
    platform.restart('login');
    forgetDisplaced();
  };
  return (
    <Screen title="账号已在别处登录" top="none" testid="displaced-screen">
      <Box className="out" role="alert">
        <Box className="out-mark">
          <Icon name="shield-alert" />
        </Box>
        <Heading level={1} className="out-title">
          你的账号在别处登录了
        </Heading>
        <Box className="out-text">一个账号不能同时在多处登录，</Box>
        <Box className="out-text">这台设备已退出。</Box>
      </Box>
      {displaced && (
        <Pairs className="card pairs">
          <Pair name="时间">{moment(displaced.at_ms, now)}</Pair>
          <Pair name="设备">{displaced.device || '未知设备'}</Pair>
          <Pair name="网络">{displaced.network || '未知'}</Pair>
        </Pairs>
      )}
      <Box className="note note-red">
        <Icon name="circle-alert" />
        <Txt>如果不是你本人操作，账号可能被盗用了：请马上联系公司的系统管理员停用账号、更换密码。</Txt>
      </Box>
      <Tap className="big" onTap={again} testid="displaced-login">
        <Txt>重新登录</Txt>
      </Tap>
      <Box className="out-foot">在这里重新登录，会让那台设备退出。</Box>
    </Screen>
  );
}
