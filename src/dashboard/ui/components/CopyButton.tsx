/** Copies something, and says so. What is copied is made when it is asked for. */
import { copy } from "../export/ToBrowser.ts"
import { usePage } from "../hooks/Page.ts"
import { Icon, type IconName } from "./Icon.tsx"

interface Props {
  readonly icon: IconName
  /** What is copied, as it stands on the button. */
  readonly label: string
  readonly title: string
  readonly text: () => string
  /** What is said then. */
  readonly done: string
}

export const CopyButton = ({ icon, label, title, text, done }: Props) => {
  const { notice } = usePage()
  const onClick = async () => {
    const taken = await copy(text())
    notice.set(taken ? { tone: "good", text: done } : { tone: "bad", text: "The browser does not let this page copy." })
  }
  return (
    <button type="button" class="button is-small" title={title} onClick={() => void onClick()}>
      <Icon name={icon} />
      {label}
    </button>
  )
}
