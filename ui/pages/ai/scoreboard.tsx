import { useSignal } from "@preact/signals";
import { api, type Scoreboard } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { useResource } from "../../src/resource.ts";
import { t as common } from "../../src/texts/common.ts";
import { Empty, Figure, Segments, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { floorName, t } from "./texts.ts";

function Figures({ board }: { board: Scoreboard }) {
  const lang = language.value;
  const found = board.kinds.reduce((n, kind) => n + kind.found, 0);
  return (
    <dl class="figures">
      <Figure
        name={t().recall}
        value={format.percent(board.recall, lang)}
        note={t().labels_note(found, board.labels)}
      />
      <Figure
        name={t().precision}
        value={format.percent(board.precision, lang)}
        note={t().said_note(board.true_findings, board.findings)}
      />
      <Figure name={t().false_per_day} value={format.significant(board.false_per_day, 2, lang)} />
      <Figure name={t().delay} value={format.duration(board.median_delay_s, lang)} />
      <Figure name={t().kind_accuracy} value={format.percent(board.kind_accuracy, lang)} />
    </dl>
  );
}

function Kinds({ board }: { board: Scoreboard }) {
  const lang = language.value;
  return (
    <Table
      rows={board.kinds}
      keyOf={({ kind }) => kind}
      columns={[
        { head: t().kind, cell: (kind) => say(kind.kind_name) },
        { head: t().labels, num: true, cell: (kind) => kind.labels },
        { head: t().found, num: true, cell: (kind) => kind.found },
        { head: t().named, num: true, cell: (kind) => kind.named_right },
        { head: t().said, num: true, cell: (kind) => kind.findings },
        { head: t().recall, num: true, cell: (kind) => format.percent(kind.recall, lang) },
        { head: t().precision, num: true, cell: (kind) => format.percent(kind.precision, lang) },
        { head: t().delay, num: true, cell: (kind) => format.duration(kind.median_delay_s, lang) },
      ]}
    />
  );
}

function Floors({ board }: { board: Scoreboard }) {
  const lang = language.value;
  const rows = [
    { ...board, name: "Sosie" },
    ...board.floors.map((floor) => ({ ...floor, name: floorName(floor.name) })),
  ];
  return (
    <Table
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { head: t().floor, cell: ({ name }) => name },
        { head: t().recall, num: true, cell: (row) => format.percent(row.recall, lang) },
        { head: t().precision, num: true, cell: (row) => format.percent(row.precision, lang) },
        {
          head: t().row_accuracy,
          num: true,
          cell: (row) => format.percent(row.row_accuracy, lang, 1),
        },
      ]}
    />
  );
}

/** What was found of what was injected, and what the dullest rules would have scored. */
export function ScoreboardPanel() {
  const hours = useSignal(24);
  const version = status.value?.versions.findings ?? 0;
  const board = useResource(() => api.scoreboard(hours.value), [hours.value, version], 30_000);
  const choices = [24, 168, 720].map((value) => ({
    value,
    label: value <= 24 ? common().hours(value) : common().days(value / 24),
  }));
  return (
    <section class="panel stack">
      <header>
        <h2>{t().board}</h2>
        <Segments
          name={t().span}
          choices={choices}
          chosen={hours.value}
          onChoose={(value) => {
            hours.value = value;
          }}
        />
      </header>
      <Show of={board}>
        {(found) =>
          found.known ? (
            <>
              <Figures board={found} />
              <div class="board-tables">
                <Kinds board={found} />
                <Floors board={found} />
              </div>
              <p class="quiet">{t().board_help}</p>
            </>
          ) : (
            <Empty>{t().no_truth}</Empty>
          )
        }
      </Show>
    </section>
  );
}
