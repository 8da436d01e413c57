import type { ThemeConfig } from 'antd';
import { theme as antdTheme } from 'antd';
import { dark, light } from './palette';
import type { ThemeName } from './preferences';

const FONT =
  '-apple-system, "PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif';

/** antd in the design language's colours. Sizes: 40 px controls, 14 px text; motion stays short. */
export function antdThemeFor(name: ThemeName, reducedMotion: boolean): ThemeConfig {
  const palette = name === 'dark' ? dark : light;
  return {
    algorithm: name === 'dark' ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    token: {
      colorPrimary: palette.brand,
      colorLink: palette.brand,
      colorSuccess: palette.received,
      colorWarning: palette.gold,
      colorError: palette.danger,
      colorInfo: palette.brand,
      colorText: palette.ink,
      colorTextSecondary: palette['ink-2'],
      colorTextTertiary: palette['ink-3'],
      colorTextDescription: palette['ink-3'],
      colorTextPlaceholder: palette['ink-3'],
      colorBgLayout: palette.paper,
      colorBgContainer: palette.card,
      colorBgElevated: palette.card,
      colorBorder: palette['control-line'],
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      colorInfoBg: palette['brand-soft'],
      colorInfoBorder: palette.line,
      colorWarningBg: palette['gold-soft'],
      colorWarningBorder: palette.line,
      colorErrorBg: palette['danger-soft'],
      colorErrorBorder: palette.line,
      colorPrimaryBg: palette['brand-soft'],
      controlItemBgActive: palette['brand-soft'],
      colorTextLightSolid: palette['on-brand'],
      borderRadius: 10,
      borderRadiusLG: 14,
      borderRadiusSM: 8,
      controlHeight: 40,
      fontFamily: FONT,
      fontSize: 14,
      motion: !reducedMotion,
    },
    components: {
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 },
      Table: {
        headerBg: palette.card,
        headerColor: palette['ink-3'],
        headerSplitColor: 'transparent',
        rowHoverBg: palette.paper,
        rowSelectedBg: palette['brand-soft'],
        cellPaddingBlock: 12,
        cellPaddingInline: 12,
      },
      Drawer: { footerPaddingInline: 24, footerPaddingBlock: 12 },
      // Room for an error under a field before the next label begins.
      Form: { itemMarginBottom: 30 },
      Checkbox: { borderRadiusSM: 5 },
      Segmented: {
        trackBg: palette.line,
        itemSelectedBg: name === 'dark' ? palette['control-line'] : palette.card,
        itemColor: palette['ink-2'],
      },
      Tooltip: { colorBgSpotlight: palette.ink, colorTextLightSolid: palette.card },
    },
  };
}
