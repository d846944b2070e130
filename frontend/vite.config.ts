import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The web app: static files. What differs between installations is read at start from /app-config.json. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: { host: '127.0.0.1' },
});
