/** The descriptors of a non-oxygen absorber, in the order in which they are published. Oxygen absorbers have their own set (issue of the oxygen model). */
export const DESCRIPTORS = {
  OS: { kind: 'class', unit: '', meaning: 'oxidation state of the absorber' },
  CN: { kind: 'class', unit: '', meaning: 'number of first nearest neighbours' },
  CN2: { kind: 'class', unit: '', meaning: 'second coordination number' },
  OCN: { kind: 'class', unit: '', meaning: 'oxygen atoms among the first neighbours' },
  PSGO: { kind: 'class', unit: '', meaning: "order of the point group of the crystal's space group" },
  NNRS: {
    kind: 'real',
    unit: 'angstrom',
    meaning: 'standard deviation of the absorber-neighbour bond lengths',
  },
  MOOD: { kind: 'real', unit: 'angstrom', meaning: 'minimum O-O distance among the first-neighbour oxygens' },
} as const satisfies Record<string, { kind: 'class' | 'real'; unit: string; meaning: string }>;

export type DescriptorName = keyof typeof DESCRIPTORS;

export const DESCRIPTOR_NAMES = Object.keys(DESCRIPTORS) as readonly DescriptorName[];
