import { describe, expect, it } from 'vitest'
import { READER_LIMITS, traceReader } from './reader.ts'
import type { TraceText } from './record.ts'
import { bytesOf, textOf } from './testing/recordings.ts'

const LINE = '            mnwl-164     [000] d..1.    11.827793: tlb_flush: pages:4 reason:local mm shootdown (3)'

function read(...chunks: (string | Uint8Array)[]): TraceText {
  const reader = traceReader(name => name !== 'sched_switch')
  for (const chunk of chunks) reader.feed(chunk)
  return reader.end()
}

describe('reading lines of ftrace', () => {
  it('takes a line apart', () => {
    expect([...read(`${LINE}\n`).records]).toEqual([
      {
        line: 1,
        column: 63,
        task: 'mnwl',
        pid: 164,
        cpu: 0,
        flags: 'd..1.',
        time: 11_827_793,
        name: 'tlb_flush',
        kind: 'event',
        args: 'pages:4 reason:local mm shootdown (3)',
      },
    ])
  })

  it.each([
    ['an entry', ' a-1 [000] ...1. 1.000001: sys_munmap(addr: 100000000000, len: 4000)', 'sys_munmap', 'syscall-entry'],
    ['a return', ' a-1 [000] ...1. 1.000001: sys_munmap -> 0x0', 'sys_munmap', 'syscall-exit'],
    [
      'an entry as its tracepoint',
      ' a-1 [000] ...1. 1.000001: sys_enter_munmap: addr: 0x1000',
      'sys_munmap',
      'syscall-entry',
    ],
    ['a return as its tracepoint', ' a-1 [000] ...1. 1.000001: sys_exit_munmap: 0x0', 'sys_munmap', 'syscall-exit'],
  ])('knows %s of a system call', (_what, text, name, kind) => {
    expect([...read(text).records]).toMatchObject([{ name, kind }])
  })

  it.each([
    [
      'a kernel thread with a slash and a colon',
      '     kworker/0:0-7       [000] b....   131.697624: x: y',
      'kworker/0:0',
      7,
    ],
    ['the idle task', '          <idle>-0       [001] d.h1.    11.825996: x: vector=251', '<idle>', 0],
    ['a name with brackets and dashes', '  my [1] a-b-42 [003] ..... 1.000001: x: y', 'my [1] a-b', 42],
    ['a name that looks like the head of a line', '  x-1 [000] y-42 [003] ..... 1.000001: x: y', 'x-1 [000] y', 42],
    ['the column of the thread group', '   bash-12    (     12) [000] ..... 1.000001: x: y', 'bash', 12],
    ['a line without flags, as trace-cmd prints it', '   bash-12    [000]     1.000001: x: y', 'bash', 12],
    ['UTF-8', '  naïve-9 [000] ..... 1.000001: x: y', 'naïve', 9],
  ])('reads %s', (_what, text, task, pid) => {
    const [record] = read(new TextEncoder().encode(text)).records
    expect([record?.task, record?.pid, record?.name]).toEqual([task, pid, 'x'])
  })

  it('counts what nobody reads, by name', () => {
    const text = read(`${LINE.replace('tlb_flush:', 'sched_switch:')}\n`.repeat(412))
    expect([...text.ignored]).toEqual([['sched_switch', 412]])
  })

  it('gives the same for a text in one piece, in bytes, in small pieces and with CRLF', () => {
    const text = textOf('munmap4_smp.trace.txt')
    const whole = read(text)
    const same = (other: TraceText): void => {
      expect([...other.records]).toEqual([...whole.records])
      expect([other.counts, other.problems]).toEqual([whole.counts, whole.problems])
    }
    same(read(bytesOf('munmap4_smp.trace.txt')))
    same(read(...(text.match(/[\s\S]{1,7}/g) ?? [])))
    same(read(text.replaceAll('\n', '\r\n')))
  })
})

describe('what is no ftrace', () => {
  it('is located, with a way to mend it', () => {
    expect(read(`${LINE}\nhello world\n`).problems).toEqual([
      {
        at: 'line 2, column 1',
        message: 'not a line of ftrace: “hello world”',
        mend: 'Expected “task-pid [cpu] flags time: event: fields”, as in the tracefs file trace.',
      },
    ])
  })

  it('is told apart from a last line cut short', () => {
    expect(read(`${LINE}\n${LINE.slice(0, 50)}`).problems).toMatchObject([
      { at: 'line 2, column 51', message: 'the text ends in the middle of a line' },
    ])
  })

  it('says where the kernel lost events', () => {
    const { problems } = read(`${LINE}\nCPU:1 [LOST 27 EVENTS]\n${LINE}\n`)
    expect(problems[0]?.message).toBe('the kernel lost 27 events of CPU 1 here')
  })

  it('is one problem first when it is all of the text', () => {
    expect(read('To be, or not to be,\nthat is the question.\n').problems[0]).toMatchObject({
      at: 'line 1, column 1',
      message: 'no line of this text is an event of ftrace',
    })
    expect(read('').problems[0]?.message).toBe('there is no text')
  })

  it.each([
    ['trace.dat of trace-cmd', '\x17\x08Dtracing6\0\0\0', 'Give what “trace-cmd report” prints of it.'],
    ['perf.data', 'PERFILE2\0\0', 'perf has a format of its own.'],
    ['compressed file', '\x1f\x8b\x08\0', 'Unpack it, or give it as .gz.'],
    ['function_graph tracer', '# tracer: function_graph\n 0)   0.5 us |  foo();\n', 'echo nop > current_tracer'],
    ['head of a recording and no event', '# tracer: nop\n#\n', 'Were the events switched on'],
    ['output of perf script', 'bash  12 [000] 1.000001: kmem:mm_page_free: page=0x1\n', 'have no “task-pid”'],
    ['JSON', '{"traceEvents": []}', 'Give the text of the tracefs file trace'],
  ])('is named where it can be told: %s', (what, text, mend) => {
    const [first] = read(Uint8Array.from(text, c => c.charCodeAt(0))).problems
    expect(first?.message).toContain(what)
    expect(first?.mend).toContain(mend)
  })

  it('costs neither time nor memory beyond its size: a text without line feeds, in pieces', () => {
    const reader = traceReader(() => true)
    for (let i = 0; i < 200_000; i++) reader.feed('no line feed, ever, ')
    const { counts, problems } = reader.end()
    expect(counts).toMatchObject({ lines: 1, foreign: 1 })
    expect(problems).toHaveLength(2)
  })

  it('is kept within limits', () => {
    const reader = traceReader(() => true, { ...READER_LIMITS, records: 10, problems: 3 })
    reader.feed(`${LINE}\n`.repeat(15) + 'x\n'.repeat(20))
    const { records, counts, problems, moreProblems } = reader.end()
    expect(records).toHaveLength(10)
    expect(counts).toMatchObject({ lines: 35, records: 10, dropped: 5, foreign: 20 })
    expect(problems.length + moreProblems).toBe(21) // one more for what was dropped
  })
})
