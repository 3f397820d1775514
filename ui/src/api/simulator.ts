import type { Label } from "./findings.ts";
import type { Words } from "./plant.ts";

export interface FaultType {
  name: string;
  kind: string;
  words: Words;
  targets: string[];
  /** false: it strikes the process as it is. */
  takes_target: boolean;
  size_unit: string;
  size_low: number;
  size_high: number;
}

/** What people may set of the plant: a loop's aim, a pump's flow, a thermostat. */
export interface Setpoint {
  name: string;
  words: Words;
  unit: string;
  low: number;
  high: number;
  usual: number;
  value: number;
}

export interface SimulatorStatus {
  available: boolean;
  plant: string;
  seed: number;
  speed: number;
  weather: string;
  weather_set: string;
  weathers: string[];
  fault_rate: number;
  now_ms: number;
  catching_up: boolean;
  running: Label[];
  types: FaultType[];
  setpoints: Setpoint[];
}
