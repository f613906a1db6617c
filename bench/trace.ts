/**
 * How fast a recording is read, next to the obvious way: split at line feeds, one regular expression a line.
 * Run: npx tsx bench/trace.ts [FILE…]   (default: a recording of two threads, repeated to about 40 MB)
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { recordingReader, understand } from '../src/core/trace/import.ts'

const LINE = /^\s*(.+)-(\d+)\s+\[(\d+)\] (\S+)\s+(\d+\.\d+): (\w+)(?::|\(| ->) ?(.*)$/
const CHUNK = 1 << 20

/** The peer: what one would write first. Keeps what our reader keeps: the seven fields of every event. */
function splitAndMatch(bytes: Uint8Array): number {
  const records: object[] = []
  for (const line of new TextDecoder().decode(bytes).split('\n')) {
    const m = LINE.exec(line)
    if (m === null) continue
    records.push({
      task: m[1],
      pid: Number(m[2]),
      cpu: Number(m[3]),
      flags: m[4],
      time: Number(m[5]) * 1e6,
      name: m[6],
      args: m[7],
    })
  }
  return records.length
}

function readBytes(bytes: Uint8Array): number {
  const reader = recordingReader()
  for (let i = 0; i < bytes.length; i += CHUNK) reader.feed(bytes.subarray(i, i + CHUNK))
  return reader.end().counts.records
}

function readText(bytes: Uint8Array): number {
  const reader = recordingReader()
  const decoder = new TextDecoder()
  for (let i = 0; i < bytes.length; i += CHUNK)
    reader.feed(decoder.decode(bytes.subarray(i, i + CHUNK), { stream: true }))
  return reader.end().counts.records
}

function importAll(bytes: Uint8Array): number {
  const reader = recordingReader()
  for (let i = 0; i < bytes.length; i += CHUNK) reader.feed(bytes.subarray(i, i + CHUNK))
  return understand(reader.end()).events.length
}

function importText(bytes: Uint8Array): number {
  const reader = recordingReader()
  const decoder = new TextDecoder()
  for (let i = 0; i < bytes.length; i += CHUNK)
    reader.feed(decoder.decode(bytes.subarray(i, i + CHUNK), { stream: true }))
  return understand(reader.end()).events.length
}

/** Far more than is kept: what is left in memory must not grow with it. */
function memoryAfter(bytes: Uint8Array, megabytes: number): string {
  const reader = recordingReader()
  const decoder = new TextDecoder()
  const before = performance.now()
  let read = 0
  while (read < megabytes * 1e6) {
    for (let i = 0; i < bytes.length; i += CHUNK)
      reader.feed(decoder.decode(bytes.subarray(i, i + CHUNK), { stream: true }))
    read += bytes.length
  }
  const { counts } = reader.end()
  const { rss } = process.memoryUsage()
  const speed = read / 1000 / (performance.now() - before)
  return `${(read / 1e6).toFixed(0)} MB in one stream: ${speed.toFixed(0)} MB/s, ${counts.records} records kept, ${counts.dropped} only counted, ${(rss / 1e6).toFixed(0)} MB resident`
}

/** Megabytes a second, the best of five: the machine's other work only ever makes a run slower. */
function speed(run: (bytes: Uint8Array) => number, bytes: Uint8Array): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const before = performance.now()
    run(bytes)
    best = Math.min(best, performance.now() - before)
  }
  return bytes.length / 1000 / best
}

const files = process.argv.slice(2)
const sample =
  files.length > 0 ? files : [new URL('../public/traces/large/stress-5m.trace.txt.gz', import.meta.url).pathname]
for (const file of sample) {
  const raw = readFileSync(file)
  const once = file.endsWith('.gz') ? gunzipSync(raw) : raw
  const times = files.length > 0 ? 1 : 8
  const bytes = Buffer.concat(Array.from({ length: times }, () => once))
  const peer = speed(splitAndMatch, bytes)
  const rows: [string, number][] = [
    ['split + regular expression', peer],
    ['reader, bytes', speed(readBytes, bytes)],
    ['reader, decoded text', speed(readText, bytes)],
    ['reader, bytes + understanding', speed(importAll, bytes)],
    ['reader, text + understanding', speed(importText, bytes)],
  ]
  console.log(`${file} (${(bytes.length / 1e6).toFixed(1)} MB)`)
  for (const [what, mbps] of rows) {
    console.log(`  ${what.padEnd(32)}${mbps.toFixed(0).padStart(6)} MB/s${(mbps / peer).toFixed(2).padStart(8)}x`)
  }
  if (files.length === 0) console.log(`  ${memoryAfter(bytes, 300)}`)
}
