import { useLaunch } from '@tarojs/taro';
import type { PropsWithChildren } from 'react';
import './app.css';
import './ui/icons.css';
import { startApp } from './state/app';

export default function App({ children }: PropsWithChildren) {
  useLaunch(startApp);
  return children;
}
