//! Reading QR codes from pictures, as a phone would.

use anyhow::{Context, Result, bail};
use png::{ColorType, Decoder, Transformations};
use std::io::Cursor;

/// The text of the one QR code on a PNG picture.
///
/// # Errors
/// When the picture is no PNG or shows no readable code.
pub fn read(picture: &[u8]) -> Result<String> {
    let mut decoder = Decoder::new(Cursor::new(picture));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![
        0;
        reader
            .output_buffer_size()
            .context("the picture is too large")?
    ];
    let frame = reader.next_frame(&mut pixels)?;
    let channels = match frame.color_type {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => bail!("the palette was not expanded"),
    };
    let (width, height) = (frame.width as usize, frame.height as usize);
    // Green stands for brightness: codes are dark on light, whatever the tint.
    let bright =
        |x: usize, y: usize| pixels[(y * width + x) * channels + usize::from(channels > 2)];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, bright);
    let grid = image
        .detect_grids()
        .into_iter()
        .next()
        .context("no QR code in the picture")?;
    Ok(grid.decode()?.1)
}
