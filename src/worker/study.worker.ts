import { expose } from 'comlink'
import { createStudyLab } from './study-lab.ts'

expose(createStudyLab(() => performance.now()))
