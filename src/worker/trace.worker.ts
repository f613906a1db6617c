import { expose } from 'comlink'
import { simulate } from '../core/conformance/simulate.ts'
import { createTraceReader } from './trace.ts'

expose(createTraceReader(simulate))
