import { SearchOutlined } from '@ant-design/icons';
import { Input } from 'antd';
import { useEffect, useRef, useState } from 'react';

interface SearchBoxProps {
  value: string;
  label: string;
  placeholder: string;
  onSearch(value: string): void;
}

const PAUSE_MS = 400;

/** Searches at a pause in typing or at Enter, never while an input method is still composing. */
export function SearchBox({ value, label, placeholder, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const composing = useRef(false);
  const search = useRef(onSearch);
  search.current = onSearch;

  // The address may change by itself: back, or "clear filters".
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === value) return;
    const timer = setTimeout(() => {
      if (!composing.current) search.current(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]);

  return (
    <Input
      type="search"
      className="search-box"
      prefix={<SearchOutlined aria-hidden="true" />}
      aria-label={label}
      placeholder={placeholder}
      allowClear
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => search.current(text.trim())}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        setText(event.currentTarget.value);
      }}
      data-testid="search"
    />
  );
}
