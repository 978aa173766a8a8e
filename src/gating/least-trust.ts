import type { Gate, GateTable } from './gate-table.ts';

type Targets = GateTable['elements'][string]['descriptors'];

/**
 * A gate that accepts no class and no real of less trust than `least`, whatever calibration found to be enough: fewer,
 * and right more often (docs/tables/field-test.md). Means and their verdicts stay. Advice to average goes by the share
 * of a threshold that calibration fitted, here of the raised one, of which nobody has shown that averaging reaches it.
 * @param least probability that a value is right, 0 to 1; 0: the gate as it is
 */
export function withLeastTrust(gate: Gate, least: number): Gate {
  const elements = Object.fromEntries(
    Object.entries(gate.table.elements).map(([element, known]) => [
      element,
      {
        ...known,
        descriptors: raised(known.descriptors, least),
        ...(known.short && {
          short: { ...known.short, descriptors: raised(known.short.descriptors, least) },
        }),
      },
    ]),
  );
  return { ...gate, table: { ...gate.table, elements } };
}

function raised(targets: Targets, least: number): Targets {
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [
      name,
      { ...target, thresholds: target.thresholds.map((own) => (own === null ? null : Math.max(own, least))) },
    ]),
  );
}
