//! The end of what a program printed.

const LINES: usize = 20;
const LONGEST: usize = 400;

/// The last lines, for an error message; very long ones are cut.
pub(crate) fn last_lines(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let cut = |line: &&str| format!("  {}", line.chars().take(LONGEST).collect::<String>());
    lines[lines.len().saturating_sub(LINES)..].iter().map(cut).collect::<Vec<_>>().join("\n")
}
