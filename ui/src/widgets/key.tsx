/** What a chart's key says of lines and times that several charts mark alike. */
import type { ComponentChildren } from "preact";

export function KeyEntry({ children, text }: { children: ComponentChildren; text: string }) {
  return (
    <span>
      <svg viewBox="0 0 26 12" aria-hidden="true">
        {children}
      </svg>
      {text}
    </span>
  );
}

export function LimitKey({ text }: { text: string }) {
  return (
    <KeyEntry text={text}>
      <path d="M1 6h24" stroke="var(--ink-3)" stroke-dasharray="5 3" />
    </KeyEntry>
  );
}

/** A time in which something was wrong. */
export function TimeKey({ text }: { text: string }) {
  return (
    <KeyEntry text={text}>
      <path d="M1 1h24v10H1z" fill="var(--high)" opacity=".25" />
      <path d="M1 1h24v3H1z" fill="var(--high)" />
    </KeyEntry>
  );
}
