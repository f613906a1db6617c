/** Recordings of real kernels. */
export default function TracesPlace() {
  return <p>Traces</p>
}
