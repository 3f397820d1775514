import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** What must be answered before anything else: it has the focus, and Escape leaves it. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  onSubmit: () => void;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog ref={box} class="when wide" aria-label={props.title} onClose={props.onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit();
        }}
      >
        <h2>{props.title}</h2>
        {props.children}
      </form>
    </dialog>
  );
}
