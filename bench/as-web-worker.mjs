// @ts-check
import { parentPort, workerData } from 'node:worker_threads'

/*
 * Makes a thread of Node look like a web worker, as far as the page's workers look at it, and loads one: `workerData` is the
 * address of its file, byte for byte the one that the browser loads.
 */
Object.assign(globalThis, {
  self: globalThis,
  /** @type {(type: string, listener: (event: { data: unknown, origin: string }) => void) => void} */
  addEventListener: (_, listener) => parentPort?.on('message', data => listener({ data, origin: '' })),
  /** @type {(message: unknown, transferred?: []) => void} */
  postMessage: (message, transferred) => parentPort?.postMessage(message, transferred),
})
await import(workerData)
