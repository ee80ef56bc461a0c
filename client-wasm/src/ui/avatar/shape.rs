//! From key bytes to shapes and colors.

/// Fill colors, ordered so that neighbours differ in lightness as well as hue. The initial is dark
/// and keeps a contrast above 7 on all of them.
const FILLS: [&str; 10] = [
    "#7cc7bd", "#f3bb4f", "#a9c3f2", "#f5a58e", "#c9e08a", "#d3b0ee", "#9fd8a8", "#f2abc9",
    "#b9c4cc", "#e3c199",
];
/// Grounds, each paler than every fill.
const GROUNDS: [&str; 5] = ["#dff1ee", "#fdf0d0", "#e4ecfb", "#fbe3dc", "#ece4f6"];
/// Soft shapes around the origin, about 28 units wide.
const SHAPES: [&str; 5] = [
    // A pebble.
    "M2-15c9 0 15 7 14 16S8 15-2 15s-15-7-14-16S-7-15 2-15z",
    // A leaf.
    "M-14 14c-4-16 8-30 28-28 4 16-8 30-28 28z",
    // A cushion.
    "M0-14c10 0 14 4 14 14S10 14 0 14-14 10-14 0-10-14 0-14z",
    // A drop.
    "M0-17c5 8 13 12 13 20a13 13 0 0 1-26 0c0-8 8-12 13-20z",
    // A cloud of three.
    "M0-15a9 9 0 0 1 9 10 10 10 0 1 1-9 17 10 10 0 1 1-9-17 9 9 0 0 1 9-10z",
];

/// One shape.
#[derive(PartialEq, Eq, Debug, Clone)]
pub struct Shape {
    pub path: &'static str,
    pub fill: &'static str,
    /// An SVG transform.
    pub place: String,
}

/// A whole avatar but for its initial.
#[derive(PartialEq, Eq, Debug, Clone)]
pub struct Picture {
    pub ground: &'static str,
    pub first: Shape,
    pub second: Shape,
}

impl Picture {
    /// The picture of a key. Its bytes are evenly spread, so they are used as they are.
    pub fn of(key: &[u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = key.map(usize::from);
        let first = a % FILLS.len();
        // Never the same color twice, nor its neighbour in the list.
        let second = (first + 2 + b % (FILLS.len() - 3)) % FILLS.len();
        let angle = c * 360 / 256;
        Self {
            ground: GROUNDS[d % GROUNDS.len()],
            first: shape(e % SHAPES.len(), first, angle, g % 60),
            second: shape(f % SHAPES.len(), second, angle + 150 + h % 60, h % 60),
        }
    }
}

/// A shape 8 units from the middle, in the direction `angle` (degrees), turned by `turn` more.
fn shape(shape: usize, fill: usize, angle: usize, turn: usize) -> Shape {
    Shape {
        path: SHAPES[shape],
        fill: FILLS[fill],
        place: format!("translate(20 20)rotate({angle})translate(8 0)rotate({turn})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_always_gives_the_same_picture_and_another_key_another() {
        let mut key = [7; 32];
        assert_eq!(Picture::of(&key), Picture::of(&key));
        let before = Picture::of(&key);
        key[0] = 8;
        assert_ne!(Picture::of(&key), before);
    }

    #[test]
    fn the_two_shapes_never_share_a_color() {
        for a in 0..=255 {
            for b in 0..=255 {
                let mut key = [0; 32];
                (key[0], key[1]) = (a, b);
                let picture = Picture::of(&key);
                assert_ne!(picture.first.fill, picture.second.fill);
            }
        }
    }
}
