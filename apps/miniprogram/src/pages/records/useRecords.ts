import { useDidShow } from '@tarojs/taro';
import { useEffect, useRef, useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import { addLive, appendPage, type RecordList, refreshTop } from '../../core/records';
import type { RecordFilter } from '../../core/search';
import { api, onPayment } from '../../state/app';

const EMPTY: RecordList = { records: [], nextBefore: null };

/**
 * The records of one filter, loaded page by page, and kept right while payments arrive and while one comes and goes.
 * A component that has it is mounted anew for another filter.
 */
export function useRecords(filter: RecordFilter) {
  const [list, setList] = useState<RecordList | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const loading = useRef(false);
  const gone = useRef(false);

  const load = async (older: string | null) => {
    if (loading.current) return;
    loading.current = true;
    setError(null);
    try {
      let cursor: string | null = older;
      do {
        const first = cursor === null;
        const page = await api.records(cursor, filter);
        if (gone.current) return;
        setList((now) => (first ? refreshTop : appendPage)(now ?? EMPTY, page));
        // A search may have looked far and found nothing yet: it goes on where it stopped.
        cursor = page.records.length === 0 ? page.next_cursor : null;
      } while (cursor !== null);
    } catch (e) {
      setError(asApiError(e));
    } finally {
      loading.current = false;
    }
  };

  useDidShow(() => void load(null));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, whether the page was shown before or is shown now
  useEffect(() => {
    void load(null);
    return () => {
      gone.current = true;
    };
  }, []);
  const everything = filter.q === '' && filter.until === null;
  useEffect(() => {
    // Whether a payment fits a search is for the server to say, the next time it is asked.
    if (!everything) return undefined;
    return onPayment((record) => {
      setList((now) => now && addLive(now, record));
      setFresh((now) => new Set(now).add(record.record_id));
    });
  }, [everything]);
  return { list, error, fresh, load };
}
