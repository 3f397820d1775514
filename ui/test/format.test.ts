import { equal } from "node:assert/strict";
import { test } from "node:test";
import * as format from "../src/format.ts";

/** Intl separates with narrow and hard spaces, which no one can tell apart in a table of cases. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, " ");
}

test("numbers have the series' decimals and the language's marks", () => {
  const cases: [number | null, number, format.Language, string][] = [
    [1042.34, 1, "en", "1,042.3"],
    [1042.34, 1, "fr", "1 042,3"],
    [2, 2, "en", "2.00"],
    [-0.001, 2, "en", "0.00"],
    [-0.01, 2, "fr", "-0,01"],
    [null, 2, "en", format.none],
    [Number.NaN, 2, "en", format.none],
    [Number.POSITIVE_INFINITY, 0, "fr", format.none],
  ];
  for (const [value, decimals, lang, expected] of cases) {
    equal(plain(format.number(value, decimals, lang)), expected, `${value} ${decimals} ${lang}`);
  }
});

test("units are written as people write them", () => {
  const cases = [
    ["m3/h", "m³/h"],
    ["Nm3/h", "Nm³/h"],
    ["W/m2", "W/m²"],
    ["degC", "°C"],
    ["uS/cm", "µS/cm"],
    ["ug/L", "µg/L"],
    ["mg N/L", "mg N/L"],
    ["kWh/m3", "kWh/m³"],
    ["-", ""],
    ["1", ""],
    ["0/1/2", ""],
    ["NTU", "NTU"],
  ] as const;
  for (const [given, expected] of cases) equal(format.unit(given), expected, given);
});

test("durations go from nanoseconds to days", () => {
  const cases: [number | null, format.Language, string][] = [
    [7.1e-7, "en", "710 ns"],
    [3.4e-6, "fr", "3,4 µs"],
    [0.41, "en", "410 ms"],
    [1.25, "en", "1.3 s"],
    [35, "en", "35 s"],
    [59.7, "en", "1 min"],
    [95, "en", "1 min 35 s"],
    [3600, "en", "1 h"],
    [90061, "fr", "1 j 1 h"],
    [0, "en", "0 s"],
    [null, "en", format.none],
  ];
  for (const [seconds, lang, expected] of cases) {
    equal(format.duration(seconds, lang), expected, `${seconds}`);
  }
});

test("shares and sizes", () => {
  equal(format.percent(0.714, "en"), "71%");
  equal(plain(format.percent(0.9415, "fr", 1)), "94,2 %");
  equal(format.percent(null, "en"), format.none);
  equal(format.bytes(47_300_000, "en"), "47.3 MB");
  equal(format.bytes(999_700, "fr"), "1 Mo");
  equal(format.bytes(0, "en"), "0 B");
});

test("times are the site's, summer and winter", () => {
  const winter = Date.UTC(2026, 10, 20, 23, 30);
  const summer = Date.UTC(2026, 6, 1, 22, 30);
  equal(format.time(winter, "minute", "en", "Europe/Paris"), "00:30");
  equal(format.hourOf(winter, "Europe/Paris"), 0);
  equal(format.hourOf(summer, "Europe/Paris"), 0);
  equal(format.offsetName(winter, "Europe/Paris"), "UTC+1");
  equal(format.offsetName(summer, "Europe/Paris"), "UTC+2");
  equal(format.time(null, "full", "fr", "UTC"), format.none);
});

test("what is long past says its day", () => {
  const at = Date.UTC(2026, 10, 20, 10, 5);
  equal(format.recent(at, at + 3_600_000, "en", "UTC"), "10:05");
  equal(format.recent(at, at + 13 * 3_600_000, "en", "UTC"), "20 Nov, 10:05");
});
