/** A code as it is pasted from a message. */
export function cleanCode(typed: string): string {
  return typed.normalize('NFKC').replace(/\s/g, '');
}

/** Full-width digits, spaces and dashes are how numbers get pasted; +86 is how phones keep them. */
export function cleanMobile(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/[\s-]/g, '')
    .replace(/^\+?86(?=1\d{10}$)/, '');
}
