//! Lines, circles and words, in colours that have a light and a dark form.

use std::fmt::Write as _;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::prelude::{Circle, DrawingArea, FontStyle, IntoDrawingArea, IntoFont, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor, ShapeStyle};

use crate::BoxError;

/// What something is drawn in: its light and its dark form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink(u32, u32);

pub(super) const PAPER: Ink = Ink(0xff_ff_ff, 0x0d_11_17);
pub(super) const TEXT: Ink = Ink(0x1f_23_28, 0xf0_f6_fc);
pub(super) const MUTED: Ink = Ink(0x59_63_6e, 0x91_98_a1);
pub(super) const GRID: Ink = Ink(0xdf_e3_e8, 0x2b_31_39);
pub(super) const OURS: Ink = Ink(0x09_69_da, 0x44_93_f8);
pub(super) const OURS_LIGHT: Ink = Ink(0x9c_c9_ff, 0x1d_45_80);
pub(super) const PEER: Ink = Ink(0x8c_95_9f, 0x7d_85_90);
pub(super) const PEER_LIGHT: Ink = Ink(0xcd_d3_da, 0x48_4f_58);
/// For lines of peers, which have to be told apart.
pub(super) const LINES: [Ink; 6] = [
    Ink(0xbc_4c_00, 0xf0_88_3e),
    Ink(0x9a_67_00, 0xe3_b3_41),
    Ink(0x1a_7f_37, 0x3f_b9_50),
    Ink(0x1b_7c_83, 0x39_c5_cf),
    Ink(0x82_50_df, 0xbc_8c_ff),
    Ink(0xbf_39_89, 0xf7_78_ba),
];
const INKS: [Ink; 8] = [PAPER, TEXT, MUTED, GRID, OURS, OURS_LIGHT, PEER, PEER_LIGHT];

impl Ink {
    fn light(self) -> RGBColor {
        let [_, red, green, blue] = self.0.to_be_bytes();
        RGBColor(red, green, blue)
    }
}

/// How words stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) size: i32,
    pub(super) ink: Ink,
    pub(super) is_bold: bool,
    side: Side,
}

/// On which side of the place they stand: to the right of it, around it, or to the left.
#[derive(Clone, Copy, Debug)]
enum Side {
    Behind,
    Around,
    Before,
}

pub(super) fn words(size: i32, ink: Ink) -> Words {
    Words { size, ink, is_bold: false, side: Side::Behind }
}

impl Words {
    pub(super) fn bold(self, is_bold: bool) -> Self {
        Self { is_bold, ..self }
    }

    pub(super) fn right(self) -> Self {
        Self { side: Side::Before, ..self }
    }

    pub(super) fn centered(self) -> Self {
        Self { side: Side::Around, ..self }
    }
}

/// Something to draw on, in pixels from the upper left corner.
pub(super) struct Canvas<'a>(DrawingArea<SVGBackend<'a>, Shift>);

pub(super) type Drawn = Result<(), BoxError>;

/// Draws an SVG of this size. The title is for those who cannot see it.
pub(super) fn draw(
    size: (i32, i32),
    title: &str,
    paint: impl FnOnce(&Canvas<'_>) -> Drawn,
) -> Result<String, BoxError> {
    let mut svg = String::new();
    {
        let size = (size.0.unsigned_abs(), size.1.unsigned_abs());
        let canvas = Canvas(SVGBackend::with_string(&mut svg, size).into_drawing_area());
        canvas.0.fill(&PAPER.light())?;
        paint(&canvas)?;
        canvas.0.present()?;
    }
    let (head, body) = svg.split_once('>').ok_or("an SVG begins with its element")?;
    Ok(format!("{head}>\n<title>{title}</title>\n{}{body}", style()))
}

/// The fonts of the reader's system, and other colours for those who prefer dark ones.
fn style() -> String {
    let mut rules = String::new();
    for Ink(light, dark) in INKS.into_iter().chain(LINES) {
        for property in ["fill", "stroke"] {
            // A String takes everything.
            let _ = write!(rules, "[{property}=\"#{light:06X}\"]{{{property}:#{dark:06x}}}");
        }
    }
    let fonts = "system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif";
    format!("<style>text{{font-family:{fonts}}}@media (prefers-color-scheme: dark){{{rules}}}</style>")
}

impl Canvas<'_> {
    /// With the middle of the line at this height.
    pub(super) fn text(&self, (x, y): (i32, i32), text: &str, words: Words) -> Drawn {
        let style = if words.is_bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = ("sans-serif", words.size).into_font().style(style).color(&words.ink.light());
        let side = match words.side {
            Side::Behind => HPos::Left,
            Side::Around => HPos::Center,
            Side::Before => HPos::Right,
        };
        let place = Pos::new(side, VPos::Center);
        Ok(self.0.draw(&Text::new(text.to_owned(), (x, y), font.pos(place)))?)
    }

    pub(super) fn bar(&self, from: (i32, i32), to: (i32, i32), ink: Ink) -> Drawn {
        Ok(self.0.draw(&Rectangle::new([from, to], ink.light().filled()))?)
    }

    pub(super) fn line(&self, points: &[(i32, i32)], ink: Ink, width: u32) -> Drawn {
        let style = ShapeStyle::from(ink.light()).stroke_width(width);
        Ok(self.0.draw(&PathElement::new(points.to_vec(), style))?)
    }

    /// A full one.
    pub(super) fn dot(&self, at: (i32, i32), radius: i32, ink: Ink) -> Drawn {
        Ok(self.0.draw(&Circle::new(at, radius, ink.light().filled()))?)
    }

    /// A hollow one.
    pub(super) fn ring(&self, at: (i32, i32), radius: i32, ink: Ink) -> Drawn {
        self.0.draw(&Circle::new(at, radius, PAPER.light().filled()))?;
        Ok(self.0.draw(&Circle::new(at, radius, ShapeStyle::from(ink.light()).stroke_width(2)))?)
    }
}
