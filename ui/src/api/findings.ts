import type { Words } from "./plant.ts";

export interface Suspect {
  series: number;
  name: string;
  share: number;
  contribution: number;
  /** Each of these four is null where it is not known. */
  value: number | null;
  expected: number | null;
  low: number | null;
  high: number | null;
}

/** What changed first. */
export interface First {
  series: number;
  name: string;
  stage: string;
  stage_name: Words;
  since_ms: number;
}

export interface Evidence {
  detector: string;
  symptom: string;
  series: number | null;
  score: number;
  since_ms: number;
  active: boolean;
}

export interface Label {
  id: number;
  kind: string;
  kind_name: Words;
  scenario: string;
  direct: string[];
  consequences: string[];
  start_ms: number;
  end_ms: number;
  /** Where the cause ends before its traces do. */
  cause_end_ms?: number;
  over: boolean;
  size: number;
  text: Words;
  found_by?: number[];
}

export interface Finding {
  id: number;
  asset: string;
  kind: string;
  kind_name: Words;
  second: string | null;
  score: number;
  confidence: number;
  forest_score: number;
  onset_ms: number;
  detected_ms: number;
  closed_ms: number | null;
  first: First | null;
  suspects: Suspect[];
  evidence: Evidence[];
  sentence: Words;
  truth?: { known: boolean; labels: Label[] };
  /** Of a rule's finding. */
  rule?: string;
}

/** What a person said of a finding. */
export interface Answer {
  finding: number;
  at_ms: number;
  who: string;
  right: boolean;
  kind: string | null;
  comment: string;
}

/** An earlier finding that is like another one. */
export interface SimilarCase {
  id: number;
  similarity: number;
  kind: string;
  kind_name: Words;
  onset_ms: number;
  closed_ms: number | null;
  sentence: Words;
  answer: Answer | null;
}

export interface FindingCases {
  answers: Answer[];
  /** Of findings that are like this one: how many were called right and wrong. */
  opinion: { right: number; wrong: number; trust: number };
  similar: SimilarCase[];
}
