//! Rows whose cells stand beneath each other.

/// Lines up the cells of each column, two spaces in from the left. The last column is as long as it is.
pub fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |cells: [&str; 3]| cells.map(String::from);
        let rows = [row(["ok", "é", "x"]), row(["unknown", "long", ""])];
        assert_eq!(aligned(&rows), "  ok       é     x\n  unknown  long\n");
    }
}
