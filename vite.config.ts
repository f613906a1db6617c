import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { metaCsp } from './scripts/csp-plugin.ts'
import { offline } from './scripts/offline-plugin.ts'

export default defineConfig({
  // Relative, so that one build works under any path of any static host.
  base: './',
  plugins: [react(), metaCsp(), offline()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // No data: URIs in place of small files: the policy allows fonts and scripts from 'self' only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    testTimeout: 60_000,
    // Of two cores, two: the default leaves one idle.
    maxWorkers: '100%',
    // Core is pure: a module that another test has loaded is as good as new.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/core/**'],
      exclude: ['**/*.test.ts', '**/testing/**', '**/fixtures/**'],
    },
  },
})
