import { describe, expect, test } from '@jest/globals';
import { readPotential } from '../../../workbench/generate/read-potential.ts';
import { writeDeck } from '../../../workbench/generate/write-deck.ts';
import { octahedron } from './nickel-oxide.ts';

/** The end of what FEFF's pot prints for a nickel octahedron. */
const log = (dCount: string, verdict = 'Convergence reached in   10 iterations.') => `
New Fermi level:    mu= -11.495 eV  Charge distance=  0.0042 (partial c.d.=  0.0985)
SCF ITERATION NUMBER 10
     point #   1  energy = -40.000
New Fermi level:    mu= -11.497 eV  Charge distance=  0.0040 (partial c.d.=  0.0076)
Electronic configuration
  type     l     N_el
     0     0    0.546
     0     1    0.744
     0     2    ${dCount}
     0     3    0.000
     1     0    1.947
     1     1    4.022
     1     2    0.034
     1     3    0.000
Charge transfer:  type  charge
       0   -0.309
       1    0.003
${verdict}
Done with module: potentials.
`;
const deck = writeDeck(octahedron, 'NiO', '0.2 3');

describe('readPotential', () => {
  test("a good potential: its Fermi level, its 3d count, oxygen's d electrons left alone", () => {
    expect(readPotential(log('8.426'), deck)).toEqual({
      iterations: 2,
      fermiLevelEv: -11.497,
      dCounts: { '0:28': 8.426 },
      fault: null,
    });
  });

  test.each(['7.500', '9.500'])(
    'a converged potential with %s 3d electrons of nickel is a false solution',
    (count) => {
      expect(readPotential(log(count), deck).fault).toBe(`false solution, 3d count 0:28=${Number(count)}`);
    },
  );

  test('the last configuration counts, not an earlier one', () => {
    expect(readPotential(log('3.000', '') + log('8.426'), deck).fault).toBeNull();
  });

  test('without convergence there is no potential', () => {
    expect(readPotential(log('8.426', ''), deck).fault).toBe('self-consistency not reached');
    expect(readPotential('', deck)).toMatchObject({
      iterations: 0,
      fermiLevelEv: null,
      fault: 'self-consistency not reached',
    });
  });
});
