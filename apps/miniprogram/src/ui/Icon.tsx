import { Box } from './kit';

/** An icon of the kept set (scripts/icons.mjs), in the colour of the text; words beside it say the same. */
export function Icon({ name, className = '' }: { name: string; className?: string }) {
  return <Box className={`icon icon-${name} ${className}`} hidden />;
}
