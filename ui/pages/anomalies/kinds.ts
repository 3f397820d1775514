/** Of causes, in the order in which lists have them. */
export const kinds = [
  "sensor_failure",
  "sensor_drift",
  "pollution_peak",
  "process_malfunction",
  "cyber_attack",
  "unknown",
];
