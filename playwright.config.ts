import { defineConfig, devices } from '@playwright/test'
import { launchOptions } from './scripts/browser.mjs'

// Ports are chosen by the system on every run and read from what the servers print: no run meets another's server.
export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  // Generous: a shared machine may be slow, and nothing here waits longer than it must.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    // A trace of every story costs more than the stories: asked for by who looks into one.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    video: 'off',
    serviceWorkers: 'block',
    // Films jump: what is waited for is what is shown. The stories about motion ask for it.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: launchOptions(),
  },
  projects: [
    {
      name: 'chromium',
      grepInvert: /@csp/,
      use: { baseURL: `http://127.0.0.1:${process.env.E2E_PORT ?? 0}/` },
    },
    {
      // Tests tagged @csp: the same build below another path, with the policy as a header.
      name: 'csp',
      grep: /@csp/,
      use: { baseURL: `http://127.0.0.1:${process.env.CSP_PORT ?? 0}/some/where/` },
    },
  ],
  webServer: [
    {
      command: 'node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port 0',
      wait: { stdout: /http:\/\/127\.0\.0\.1:(?<e2e_port>\d+)/ },
      env: { NO_COLOR: '1', FORCE_COLOR: '0' },
      timeout: 60_000,
    },
    {
      command: 'node scripts/serve-csp.mjs',
      wait: { stdout: /http:\/\/127\.0\.0\.1:(?<csp_port>\d+)/ },
      timeout: 60_000,
    },
  ],
})
