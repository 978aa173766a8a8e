/** The descriptors, in the order in which they are published, and the absorbers that each is defined for. */
export const DESCRIPTORS = {
  OS: { kind: 'class', unit: '', absorbers: 'all', meaning: 'oxidation state of the absorber' },
  CN: { kind: 'class', unit: '', absorbers: 'all', meaning: 'number of first nearest neighbours' },
  CN2: { kind: 'class', unit: '', absorbers: 'all', meaning: 'second coordination number' },
  OCN: {
    kind: 'class',
    unit: '',
    absorbers: 'all but oxygen',
    meaning: 'oxygen atoms among the first neighbours',
  },
  PSGO: {
    kind: 'class',
    unit: '',
    absorbers: 'all',
    meaning: "order of the point group of the crystal's space group",
  },
  NNRS: {
    kind: 'real',
    unit: 'angstrom',
    absorbers: 'all',
    meaning: 'standard deviation of the absorber-neighbour bond lengths',
  },
  MOOD: {
    kind: 'real',
    unit: 'angstrom',
    absorbers: 'all but oxygen',
    meaning: 'minimum O-O distance among the first-neighbour oxygens',
  },
  NNOSM: {
    kind: 'real',
    unit: '',
    absorbers: 'oxygen',
    meaning: 'mean oxidation state of the first neighbours',
  },
} as const satisfies Record<
  string,
  {
    kind: 'class' | 'real';
    unit: string;
    absorbers: 'all' | 'oxygen' | 'all but oxygen';
    meaning: string;
  }
>;

export type DescriptorName = keyof typeof DESCRIPTORS;

export const DESCRIPTOR_NAMES = Object.keys(DESCRIPTORS) as readonly DescriptorName[];

/** The descriptors that an absorber has: a prediction holds no others. */
export function descriptorsOf(element: string): readonly DescriptorName[] {
  return element === 'O' ? OXYGEN : OTHERS;
}

const OXYGEN = DESCRIPTOR_NAMES.filter((name) => DESCRIPTORS[name].absorbers !== 'all but oxygen');
const OTHERS = DESCRIPTOR_NAMES.filter((name) => DESCRIPTORS[name].absorbers !== 'oxygen');
