import { create } from 'qrcode';

/** Modules of light around the code (ISO/IEC 18004, 6.3.8). */
const QUIET = 4;

/** A text as a picture for a camera: dark on light in every theme. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const side = modules.size + 2 * QUIET;
  const dark = Array.from(modules.data, (isDark, place) =>
    isDark === 0 ? '' : `M${QUIET + (place % modules.size)} ${QUIET + Math.floor(place / modules.size)}h1v1h-1z`,
  );
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges">
      <path fill="#fff" d={`M0 0h${side}v${side}H0z`} />
      <path fill="#000" d={dark.join('')} />
    </svg>
  );
}
