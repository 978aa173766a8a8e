import { h, setAttribute, setText, show } from './dom.ts';

export type TabPanel<Name extends string> = {
  readonly name: Name;
  readonly title: string;
  readonly element: HTMLElement;
  /** Called while the panel is shown. */
  draw?(): void;
  /** Stands behind the title; empty: nothing is new. */
  badge?(): string;
};

/** One of several panels, by the pattern that keyboards and screen readers know: arrows move between tabs. */
export function tabs<Name extends string>(options: {
  readonly name: string;
  readonly panels: readonly TabPanel<Name>[];
  readonly chosen: () => Name;
  readonly choose: (name: Name) => void;
}): { readonly element: HTMLElement; draw(): void } {
  const { panels, choose } = options;
  const buttons = panels.map(({ name, title }) => {
    const badge = h('span', { class: 'badge' });
    const button = h(
      'button',
      {
        class: 'tab',
        role: 'tab',
        id: `tab-${name}`,
        'aria-controls': `panel-${name}`,
        click: () => choose(name),
      },
      title,
      badge,
    );
    return { button, badge };
  });
  const bar = h(
    'div',
    {
      class: 'tab-bar',
      role: 'tablist',
      'aria-label': options.name,
      keydown: onKey as (event: never) => void,
    },
    ...buttons.map(({ button }) => button),
  );
  const bodies = panels.map(({ name, element }) =>
    h(
      'div',
      { class: 'tab-panel', role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}` },
      element,
    ),
  );

  function onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = panels.findIndex(({ name }) => name === options.chosen());
    const next = (at + step + panels.length) % panels.length;
    choose(panels[next]!.name);
    buttons[next]!.button.focus();
  }

  return {
    element: h('div', { class: 'tabs' }, bar, ...bodies),
    draw() {
      for (const [i, panel] of panels.entries()) {
        const isChosen = panel.name === options.chosen();
        const { button, badge } = buttons[i]!;
        setAttribute(button, 'aria-selected', String(isChosen));
        setAttribute(button, 'tabindex', isChosen ? '0' : '-1');
        setText(badge, panel.badge?.() ?? '');
        show(bodies[i]!, isChosen);
        if (isChosen) panel.draw?.();
      }
    },
  };
}
