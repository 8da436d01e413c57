import { mergeInternalComponents } from '@tarojs/shared';
import aria from './aria-components.js';

mergeInternalComponents(aria.components);
