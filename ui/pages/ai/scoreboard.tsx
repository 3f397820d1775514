import { useSignal } from "@preact/signals";
import { api, type KindScore, type Scoreboard } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { useResource } from "../../src/resource.ts";
import { t as common } from "../../src/texts/common.ts";
import { Empty, Figure, Segments, Show } from "../../src/widgets/show.tsx";
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

function KindRow({ kind }: { kind: KindScore }) {
  const lang = language.value;
  return (
    <tr>
      <th scope="row">{say(kind.kind_name)}</th>
      <td class="num" data-label={t().labels}>
        {kind.labels}
      </td>
      <td class="num" data-label={t().found}>
        {kind.found}
      </td>
      <td class="num" data-label={t().named}>
        {kind.named_right}
      </td>
      <td class="num" data-label={t().said}>
        {kind.findings}
      </td>
      <td class="num" data-label={t().recall}>
        {format.percent(kind.recall, lang)}
      </td>
      <td class="num" data-label={t().precision}>
        {format.percent(kind.precision, lang)}
      </td>
      <td class="num" data-label={t().delay}>
        {format.duration(kind.median_delay_s, lang)}
      </td>
    </tr>
  );
}

function Kinds({ board }: { board: Scoreboard }) {
  const heads = [t().labels, t().found, t().named, t().said, t().recall, t().precision, t().delay];
  return (
    <div class="table-box">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t().kind}</th>
            {heads.map((head) => (
              <th key={head} scope="col" class="num">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {board.kinds.map((kind) => (
            <KindRow key={kind.kind} kind={kind} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Floors({ board }: { board: Scoreboard }) {
  const lang = language.value;
  const rows = [
    { ...board, name: "Sosie" },
    ...board.floors.map((floor) => ({ ...floor, name: floorName(floor.name) })),
  ];
  return (
    <div class="table-box">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t().floor}</th>
            <th scope="col" class="num">
              {t().recall}
            </th>
            <th scope="col" class="num">
              {t().precision}
            </th>
            <th scope="col" class="num">
              {t().row_accuracy}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td class="num" data-label={t().recall}>
                {format.percent(row.recall, lang)}
              </td>
              <td class="num" data-label={t().precision}>
                {format.percent(row.precision, lang)}
              </td>
              <td class="num" data-label={t().row_accuracy}>
                {format.percent(row.row_accuracy, lang, 1)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
