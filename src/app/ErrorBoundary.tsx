import { Component, type ErrorInfo, type ReactNode } from 'react'

interface Props {
  /** What broke, if something does: `The stage`. */
  readonly what: string
  /** A new value tries again: a panel that failed on one step may well draw the next. */
  readonly retryOn?: unknown
  readonly onError?: () => void
  readonly children: ReactNode
}

interface State {
  readonly message: string | null
  readonly failedOn: unknown
}

/** Keeps a bug in one part from taking the page along. The address bar still holds the link, so a reload loses nothing. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { message: null, failedOn: undefined }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    if (state.message !== null && state.failedOn === undefined) return { failedOn: props.retryOn }
    if (state.message !== null && state.failedOn !== props.retryOn) return { message: null, failedOn: undefined }
    return null
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
    this.props.onError?.()
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <section className="broken" role="alert">
        <p>
          <b>{this.props.what} could not be drawn:</b> {this.state.message}.
        </p>
        <p>The address bar still holds the link to this moment; reloading opens it again.</p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </section>
    )
  }
}
