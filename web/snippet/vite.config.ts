import { defineConfig } from 'vite';

/** The snippet for other people's pages: one small script without a dependency. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2021',
    copyPublicDir: false,
    lib: { entry: 'tideline.ts', formats: ['iife'], name: 'tidelineSnippet', fileName: () => 'tideline.js' },
  },
});
