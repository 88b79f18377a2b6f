/** The page's icons: strokes in a 16 × 16 box, in the colour of the text. They decorate; what they mean always stands beside them. */

const shapes = {
  accepted: "M8 2v8m0 0 3-3m-3 3L5 7M2.5 11v1.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V11",
  planned: "M5.5 4h8m-8 4h8m-8 4h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
  ignored: "M3.5 8h9",
  invalid: "M4 2.500h5l3 3v8H4zM6.5 7l3 3.500m0-3.500-3 3.500",
  unreachable: "M4.500 12a3 3 0 0 1 0-6 4 4 0 0 1 7.500 1 2.500 2.500 0 0 1 0 5zM3 3l10 11",
  queued: "M8 4.5V8l2.5 1.5M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z",
  dispatched: "m3 8.5 3.2 3L13 4.5",
  denied: "M4 12 12 4M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z",
  failed: "m4 4 8 8m0-8-8 8",
  withdrawn: "M5.5 3 2.5 6l3 3M2.5 6H10a3.500 3.500 0 0 1 0 7H6.500",
  unknown: "M6 6.2C6 5 6.9 4.2 8 4.200s2 .8 2 1.900c0 1.5-2 1.7-2 3.200M8 11.800h.01",
  completed: "M3.500 14V2.500h9l-2.500 3 2.500 3h-9",
  lost: "M7 12A5 5 0 1 1 12 7m-.5 4.500 3 3m0-3-3 3",
  reported: "M2.5 3.500h11v7.500h-6L4.5 13.500V11h-2z",
  replayed: "M3 8a5 5 0 1 0 1.6-3.700M3 2.500v2.500h2.5",
  redelivered: "M2.5 8.500 4.500 4h7l2 4.500v4h-11zM2.5 8.500h3.500l1 1.500h2l1-1.500h3.500M8 1v5",
  refresh: "M13 8a5 5 0 1 1-1.5-3.500M13 2.500V5h-2.5",
  pause: "M5.5 3.500v9m5-9v9",
  play: "m5 3.5 7 4.5-7 4.500z",
  light:
    "M8 1.500v1m0 11v1m6.5-6.500h-1m-11 0h-1m11.1-4.6-.7.7m-7.8 7.8-.7.7m9.2 0-.7-.7M4.1 4.100l-.7-.7M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  dark: "M13.5 9.300A5.8 5.8 0 0 1 6.7 2.500a5.8 5.8 0 1 0 6.8 6.800Z",
  system: "M2 3.500h12v7.500H2zM6 13.500h4",
  download: "M8 2v7.500m0 0 3-3m-3 3-3-3M2.5 12.500h11",
  leave: "M6.5 2.500h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10 11l3-3-3-3m3 3H6",
  close: "m4 4 8 8m0-8-8 8",
  plus: "M8 3v10M3 8h10",
  chain: "M2 6h4v4H2zM10 2.500h4v4h-4zM10 9.500h4v4h-4zM6 8h2m2-3.500H8v7h2",
  topology: "M5.500 5.500h5v5h-5zM1.500 4.500l4 2.500m-4 4.500 4-2.500m5-2 4-2.500m-4 4.500 4 2.500",
  copy: "M5.5 5.500h7.500v8H5.500zM3 10.500v-8h7.500",
  link: "M6.7 9.300a2.600 2.600 0 0 0 3.700 0l2-2a2.600 2.600 0 0 0-3.700-3.700l-.8.8M9.300 6.700a2.600 2.600 0 0 0-3.700 0l-2 2a2.600 2.600 0 0 0 3.700 3.700l.8-.8",
  file: "M4 1.500h5L12.500 5v9.500H4zM9 1.500V5h3.500",
  explain:
    "M6.500 11.500h3m-2.500 2.500h2M8 2a4.300 4.300 0 0 0-2.600 7.700c.6.5 1 1 1.100 1.800h3c.1-.8.5-1.300 1.100-1.800A4.300 4.300 0 0 0 8 2Z",
  outside: "M9 2.500h4.500V7M13.5 2.5 8 8m-1.5-4.500h-3a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1h7a1 1 0 0 0 1-1v-3",
  warning: "M8 6v3m0 2.500h.01M7.1 2.7 1.7 12a1 1 0 0 0 .9 1.500h10.800a1 1 0 0 0 .9-1.500L8.9 2.700a1 1 0 0 0-1.8 0Z",
  filter: "M2 4h12M4.5 8h7M6.5 12h3",
  down: "m4 6.5 4 4 4-4",
  up: "m4 9.5 4-4 4 4",
  compare: "M5 2.500v11M11 2.500v11M2.5 5 5 2.5 7.5 5m1 6 2.5 2.5 2.5-2.5",
  table: "M2.5 3h11v10h-11zM2.5 6.500h11M6.5 6.500V13",
  chart: "M2.5 13.500h11M4.5 11V7.500M8 11V3.500m3.5 7.500V6",
  branch:
    "M4.5 5.500v5m0-5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Zm7-5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 0c0 3-4 2.5-6.3 4.7"
} as const
export type IconName = keyof typeof shapes

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={shapes[name]} />
  </svg>
)
