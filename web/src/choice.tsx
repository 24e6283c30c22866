import { useId } from 'react';

interface ChoiceProps<Name extends string> {
  label: string;
  value: NoInfer<Name>;
  /** What can be chosen, by name, as people call it. */
  options: Readonly<Record<Name, string>>;
  onChoose(name: Name): void;
}

/** One of a few. */
export function Choice<Name extends string>({ label, value, options, onChoose }: ChoiceProps<Name>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value as Name)}>
        {(Object.entries(options) as [Name, string][]).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
