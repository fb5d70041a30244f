import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { pruneMantineCss } from './scripts/prune-css.ts';

const server = process.env.HS_SERVER ?? 'http://127.0.0.1:8080';
const served = ['/api', '/config', '/ingest', '/db', '/docs', '/redoc', '/problems', '/openapi.yaml', '/openapi.json', '/health', '/readyz', '/version'];

export default defineConfig(({ command }) => ({
  plugins: [react(), pruneMantineCss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The server puts a fresh nonce where this mark stands (src/api/web_files.cpp).
  html: command === 'build' ? { cspNonce: '__CSP_NONCE__' } : {},
  build: {
    outDir: process.env.HS_WEB_OUT ?? 'dist', emptyOutDir: true, target: 'es2022', sourcemap: false, assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, { target: server, headers: { origin: server } }])) },
  test: { environment: 'node', pool: 'threads', maxWorkers: 1, include: ['test/unit/**/*.test.{ts,tsx}'] },
}));
