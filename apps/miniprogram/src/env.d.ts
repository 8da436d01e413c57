/// <reference types="@tarojs/taro" />

/** Where the server is, for the WeChat build (config/index.js); unused by the browser build. */
declare const MOTT_API_BASE: string;
/** package.json's version, shown under 设置 → 关于. */
declare const APP_VERSION: string;

declare module '*.css';
