//! Short words that two people compare to see that nobody stands between them.

use alloc::vec::Vec;

use crate::base::hash::sha256;
use crate::base::id::PersonaId;

/// Words shown for a pair: 6 × 8 bits. Finding another key whose words agree takes 2⁴⁸ key
/// generations for one chosen pair.
pub const WORDS: usize = 6;

/// The words of a pair; the same on both sides.
#[must_use]
pub fn words_of_pair(one: &PersonaId, other: &PersonaId) -> Vec<&'static str> {
    let (low, high) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    let hash = sha256(&[b"kith/words v1\0", low.as_bytes(), high.as_bytes()]);
    hash.0
        .iter()
        .take(WORDS)
        .filter_map(|byte| LIST.get(usize::from(*byte)).copied())
        .collect()
}

/// Common English nouns, each unlike the others to the ear; the order is part of the protocol.
#[rustfmt::skip]
const LIST: [&str; 256] = [
    "acid", "acorn", "actor", "alarm", "album", "alley", "amber", "anchor",
    "angel", "apple", "apron", "arch", "arrow", "atlas", "attic", "autumn",
    "bacon", "badge", "bagel", "bamboo", "banjo", "barn", "basil", "basket",
    "beach", "beacon", "bean", "bell", "bench", "berry", "bike", "birch",
    "bird", "biscuit", "blanket", "boat", "bonfire", "book", "bottle", "bowl",
    "bread", "breeze", "brick", "bridge", "broom", "brush", "bubble", "bucket",
    "button", "cabin", "cactus", "cake", "camel", "camp", "candle", "canoe",
    "canyon", "carpet", "carrot", "castle", "cedar", "cello", "chalk", "cherry",
    "chess", "chimney", "cinema", "circle", "cliff", "clock", "cloud", "clover",
    "coal", "cobra", "coconut", "comet", "copper", "coral", "cotton", "cradle",
    "crane", "crater", "crayon", "creek", "cricket", "crown", "crystal", "cuckoo",
    "cup", "curtain", "daisy", "dance", "dawn", "deer", "delta", "desert",
    "diamond", "dinner", "dolphin", "domino", "donkey", "door", "dragon", "drum",
    "duck", "eagle", "earth", "easel", "echo", "eggplant", "elbow", "elephant",
    "elm", "ember", "engine", "envelope", "evening", "falcon", "feather", "fence",
    "fern", "ferry", "fiddle", "field", "fig", "finch", "fire", "fjord",
    "flag", "flute", "fog", "forest", "fossil", "fox", "garden", "garlic",
    "gate", "giant", "ginger", "giraffe", "glacier", "globe", "glove", "goat",
    "gold", "gorilla", "grape", "grass", "guitar", "hammer", "harbor", "harp",
    "hat", "hazel", "hedge", "helmet", "heron", "hill", "honey", "hood",
    "horn", "hotel", "ice", "igloo", "island", "ivory", "ivy", "jacket",
    "jaguar", "jam", "jar", "jelly", "jungle", "kayak", "kettle", "key",
    "kitchen", "kite", "koala", "ladder", "lagoon", "lake", "lamp", "lantern",
    "lava", "leaf", "lemon", "library", "lilac", "lime", "linen", "lion",
    "lizard", "lobster", "lotus", "magnet", "mango", "maple", "marble", "market",
    "meadow", "melon", "mirror", "mitten", "moon", "morning", "moss", "mountain",
    "mushroom", "napkin", "nectar", "needle", "nest", "night", "ocean", "olive",
    "onion", "opera", "orange", "orchid", "otter", "owl", "oyster", "paddle",
    "palace", "panda", "paper", "parrot", "peach", "pearl", "pebble", "pelican",
    "pencil", "pepper", "piano", "pigeon", "pillow", "pine", "planet", "plum",
    "pocket", "pond", "poppy", "potato", "prairie", "puzzle", "quartz", "quilt",
    "rabbit", "radio", "rain", "raven", "ribbon", "river", "robin", "rocket",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_see_the_same_words() {
        let (ann, ben, eve) = (PersonaId([1; 32]), PersonaId([2; 32]), PersonaId([3; 32]));
        assert_eq!(words_of_pair(&ann, &ben), words_of_pair(&ben, &ann));
        assert_ne!(words_of_pair(&ann, &ben), words_of_pair(&ann, &eve));
        assert_eq!(words_of_pair(&ann, &ben).len(), WORDS);
    }

    #[test]
    fn the_list_holds_256_different_words_in_order() {
        assert!(LIST.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
