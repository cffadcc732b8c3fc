import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The pages, built into a folder that the server serves as it is. */
export default defineConfig({
  root: 'web',
  publicDir: 'static',
  plugins: [react()],
  build: {
    outDir: '../public',
    emptyOutDir: true,
    // The policy of the page (`script-src 'self'; img-src 'self'`) refuses what is written inline, and `data:` URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
