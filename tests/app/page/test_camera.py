import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from benchmarks.served_page import open_page
from benchmarks.strokes import image
from tests.helpers.fake_video import write_y4m

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser_arguments(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    video = tmp_path_factory.mktemp("video") / "three.y4m"
    paper = Image.new("L", (640, 480), 255)
    paper.paste(image(3, 400), (120, 40))
    write_y4m(video, paper)
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}"]


@pytest.fixture
def filming(new_page) -> Page:
    page = new_page(permissions=["camera"])
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator(".number button")).to_have_text("3")
    return page


def test_the_moving_picture_is_read_again_and_again_with_boxes_over_it(filming: Page):
    expect(filming.locator(".camera")).to_be_visible()
    expect(filming.locator(".boxes b")).to_have_text("3")
    for _ in range(3):
        with filming.expect_response("**/predict*") as response:
            pass
        assert response.value.json()["size"] == [640, 480]


def test_stop_ends_the_camera_and_leaves_the_last_frame(filming: Page):
    track = filming.evaluate_handle("document.querySelector('.camera').srcObject.getTracks()[0]")
    assert track.evaluate("track => track.readyState") == "live"
    filming.get_by_role("button", name="Stop the camera").click()
    assert track.evaluate("track => track.readyState") == "ended"
    expect(filming.locator(".picture")).to_be_visible()
    expect(filming.locator(".number button")).to_have_text("3")
    expect(filming.locator(".correction")).to_be_visible()


def test_another_mode_ends_the_camera(filming: Page):
    track = filming.evaluate_handle("document.querySelector('.camera').srcObject.getTracks()[0]")
    filming.get_by_role("button", name="Draw").click()
    assert track.evaluate("track => track.readyState") == "ended"
    expect(filming.locator(".sheet")).to_be_visible()
    expect(filming.locator(".number")).to_be_empty()


def test_a_camera_that_comes_too_late_is_ended(new_page):
    page = new_page(permissions=["camera"])
    page.evaluate("""() => {
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (options) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return (window.stream = await open(options));
      };
    }""")
    page.get_by_role("button", name="Camera", exact=True).click()
    page.get_by_role("button", name="Draw").click()
    page.evaluate("""async () => {
      for (let i = 0; i < 100 && window.stream?.active !== false; i += 1)
        await new Promise((resolve) => setTimeout(resolve, 20));
    }""")
    assert page.evaluate("window.stream.active") is False
    expect(page.locator(".says")).to_contain_text("Draw a digit")


def test_a_refused_camera_is_a_message(new_page):
    page = new_page()  # headless, so nobody can allow it
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator(".says")).to_contain_text("The camera was refused")
    expect(page.locator(".sheet")).to_be_visible()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("throw new DOMException('', 'NotFoundError')", "There is no camera"),
        ("throw new DOMException('', 'NotReadableError')", "in use by another program"),
    ],
)
def test_a_camera_that_does_not_start_is_a_message(new_page, change: str, message: str):
    page = new_page()
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = async () => {{ {change} }} }}")
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator(".says")).to_contain_text(message)


def test_a_page_that_may_have_no_camera_says_why(browser: Browser, url: str):
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    open_page(page, url)
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator(".says")).to_contain_text("behind HTTPS")
