/** What a text without any line of ftrace seems to be instead, and what to give. */
export interface Guess {
  readonly message: string
  readonly mend: string
}

const TEXT = 'Give the text of the tracefs file trace (or its .gz), or what trace-cmd report prints.'

const GUESSES: readonly (readonly [RegExp | readonly string[], Guess])[] = [
  [
    // File formats begin with these bytes: trace-cmd.dat(5), perf.data, gzip, zstd, xz
    ['\x17\x08Dtracing'],
    { message: 'this is a trace.dat of trace-cmd, not text', mend: 'Give what “trace-cmd report” prints of it.' },
  ],
  [['PERFILE2'], { message: 'this is a perf.data file, not text', mend: `perf has a format of its own. ${TEXT}` }],
  [
    ['\x1f\x8b', '\x28\xb5\x2f\xfd', '\xfd7zXZ'],
    { message: 'this is a compressed file that was not unpacked', mend: 'Unpack it, or give it as .gz.' },
  ],
  [['\x7fELF', '\x89PNG', 'PK\x03\x04'], { message: 'this is a binary file', mend: TEXT }],
  [
    /^# tracer: function_graph/m,
    {
      message: 'this was recorded with the function_graph tracer, which shows calls and no events',
      mend: 'Record with “echo nop > current_tracer”, and the events switched on.',
    },
  ],
  [
    /^# tracer: /m,
    {
      message: 'there is the head of a recording and no event',
      mend: 'Were the events switched on, and tracing_on 1, while the workload ran?',
    },
  ],
  [
    /^ *\S.* +\d+ +\[\d+\] +\d+\.\d+: +\w+:\w+: /m,
    { message: 'this looks like the output of perf script', mend: `Its lines have no “task-pid”. ${TEXT}` },
  ],
  [/^\s*[[{]/, { message: 'this looks like JSON', mend: TEXT }],
]

/** The beginning of a text is enough to tell; null when it tells nothing. */
export const guessOf = (beginning: string): Guess | null =>
  GUESSES.find(([is]) => (is instanceof RegExp ? is.test(beginning) : is.some(b => beginning.startsWith(b))))?.[1] ??
  null
