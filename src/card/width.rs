//! How wide a text is: estimated, since a card is drawn where no font can be asked. The widths are those of Verdana, which
//! is wider than most fonts, so that a text which fits by this estimate fits.

/// Widths of the characters from the blank to `~`, in thousandths of the size of the font.
#[rustfmt::skip]
const ASCII: [u16; 95] = [
    352, 394, 459, 818, 636, 1076, 727, 269, 454, 454, 636, 818, 364, 454, 364, 454, // blank to /
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 454, 454, 818, 818, 818, 545, // 0 to ?
    1000, 684, 686, 698, 771, 632, 575, 775, 751, 421, 455, 693, 557, 843, 748, 787, // @ to O
    603, 787, 695, 684, 616, 732, 684, 989, 685, 615, 685, 454, 454, 454, 818, 636, // P to _
    636, 601, 623, 521, 623, 596, 352, 623, 633, 274, 344, 592, 274, 973, 633, 607, // ` to o
    623, 623, 427, 521, 394, 633, 592, 818, 592, 592, 525, 635, 454, 635, 818, // p to ~
];
/// The width of any other letter, and of the wide ones of East Asia.
const OTHER: u16 = 700;
const WIDE: u16 = 1000;

/// The size of a font whose texts are as wide as bold ones of this size.
pub(super) fn bold(size: f32) -> f32 {
    1.16 * size
}

/// The width of a text in a font of this size.
pub(super) fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|sign| f32::from(of(sign)) * size / 1000.0).sum()
}

fn of(sign: char) -> u16 {
    match sign as u32 {
        code @ 32..=126 => ASCII[code as usize - 32],
        0x0300..=0x036f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0x1f000..=0x3ffff => WIDE,
        _ => OTHER,
    }
}

/// The text, or its beginning and an ellipsis if it is wider than `room`.
pub(super) fn fitted(text: &str, size: f32, room: f32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut free = room - width("…", size);
    let fits = |sign: &char| {
        free -= f32::from(of(*sign)) * size / 1000.0;
        free >= 0.0
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// The lines of a text, at most `most`, broken at blanks and, within long words, anywhere.
pub(super) fn lines(text: &str, size: f32, room: f32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() < most {
        if lines.len() + 1 == most || width(rest, size) <= room {
            lines.push(fitted(rest, size, room));
            break;
        }
        let (mut taken, mut end, mut blank) = (0.0, 0, None);
        for (at, sign) in rest.char_indices() {
            taken += f32::from(of(sign)) * size / 1000.0;
            if taken > room {
                break;
            }
            end = at + sign.len_utf8();
            if sign == ' ' {
                blank = Some(at);
            } else if matches!(sign, '/' | '-' | '_') {
                blank = Some(end);
            }
        }
        let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { blank.unwrap_or(end) };
        lines.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_broken_to_their_room() {
        assert_eq!(width("AAA", 10.0), 20.52);
        assert!(width("模型", 10.0) > width("mm", 10.0));
        assert_eq!(fitted("short", 11.0, 100.0), "short");
        let cut = fitted("a name that is too long", 11.0, 60.0);
        assert!(cut.ends_with('…') && width(&cut, 11.0) <= 60.0, "{cut}");
        let broken = lines("one two three four five", 10.0, 60.0, 3);
        assert_eq!(broken.len(), 3);
        assert!(broken.iter().all(|line| width(line, 10.0) <= 60.0), "{broken:?}");
        let long = lines(&"x".repeat(90), 10.0, 100.0, 2);
        assert!(long.len() == 2 && long[1].ends_with('…') && long.iter().all(|line| width(line, 10.0) <= 100.0));
        assert_eq!(lines("", 10.0, 100.0, 3), Vec::<String>::new());
    }
}
