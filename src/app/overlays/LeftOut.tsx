import { Dialog } from '../Dialog.tsx'
import { useLab } from '../lab-context.ts'

/** Where the model is simpler than the kernel, sentence by sentence. */
export function LeftOut() {
  const leftOut = useLab(s => s.catalogue?.leftOut)
  return (
    <Dialog name="left-out" title="What this model leaves out">
      <ul className="left-out">
        {leftOut?.map(sentence => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Dialog>
  )
}
