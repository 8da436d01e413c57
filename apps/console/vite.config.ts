import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { firstLoadBudget } from './budget.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  base: '/console/',
  plugins: [react(), firstLoadBudget(['Shell', 'OrdersPage'])],
  resolve: {
    alias: {
      '@mott/api-client': here('../../packages/api-client/src/index.ts'),
      // The client's source lives outside this app; its one dependency comes from here, so that one `npm ci` is enough.
      'openapi-fetch': here('./node_modules/openapi-fetch'),
    },
  },
  server: { proxy: { '/api': server, '/openapi.json': server } },
  // No `data:` scripts or inline assets: the server's policy is `script-src 'self'`.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 600 },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
