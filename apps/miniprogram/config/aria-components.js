const aria = { 'aria-role': '', 'aria-label': '', 'aria-hidden': '', 'aria-disabled': '', 'aria-live': '' };

module.exports = { components: { View: aria, Text: aria, Image: aria, Input: { 'aria-label': '' } } };
