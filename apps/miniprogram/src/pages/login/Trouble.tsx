import { Icon } from '../../ui/Icon';
import { Box, Txt } from '../../ui/kit';

/** What went wrong, above the button that was pressed. */
export function Trouble({ text }: { text: string }) {
  return (
    <Box className="login-error" role="alert" testid="login-error">
      <Icon name="circle-alert" />
      <Txt>{text}</Txt>
    </Box>
  );
}
