"""Tests of scripts/tidy.py: for each rule a tree that breaks it, and one close to it that does not.

Run by CTest, or by hand: python3 -B -m unittest discover -s tests/unit/scripts -p '*_test.py'
"""
import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

import tidy  # noqa: E402
from cpp_source import Reader, without_literals  # noqa: E402

LAYERS = """# a comment
base:
wire:     base
protocol: base wire   # and no storage
storage:  base wire
metrics:  base
report:   base
app:      base storage
"""
HEADER = "#pragma once\n// What it is.\n"


def findings(files, layers=LAYERS):
    """What tidy says of a tree with these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in {"sim/LAYERS": layers, **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return [str(finding) for finding in tidy.check_tree(root)]


class Case(unittest.TestCase):
    def clean(self, files):
        self.assertEqual(findings(files), [])

    def found(self, files, *expected):
        """Each finding begins as expected, in this order, and there are no others."""
        said = findings(files)
        self.assertEqual(len(said), len(expected), said)
        for line, start in zip(said, expected):
            self.assertTrue(line.startswith(start), f"{line!r} does not begin with {start!r}")


class Layers(Case):
    def test_an_include_that_the_table_does_not_grant_is_refused(self):
        include = '#include "sim/storage/disk.h"\n'
        self.found({"sim/protocol/kraft/a.cpp": include},
                   "sim/protocol/kraft/a.cpp:1: layer: protocol may not include storage")
        self.clean({"sim/app/a.cpp": include})

    def test_a_granted_include_and_one_from_the_same_folder_pass(self):
        self.clean({"sim/wire/a.cpp": '#include "sim/base/b.h"\n#include "sim/wire/a.h"\n'})

    def test_sub_folders_of_protocol_see_only_themselves_and_rules(self):
        self.found({"sim/protocol/kraft/a.cpp": '#include "sim/protocol/client/b.h"\n'},
                   "sim/protocol/kraft/a.cpp:1: layer: protocol/kraft may not include "
                   "protocol/client")
        self.found({"sim/protocol/rules/a.cpp": '#include "sim/protocol/client/b.h"\n'},
                   "sim/protocol/rules/a.cpp:1: layer: protocol/rules may not")
        self.clean({"sim/protocol/kraft/a.cpp": '#include "sim/protocol/rules/b.h"\n'
                                                '#include "sim/protocol/kraft/a.h"\n'})

    def test_unit_tests_see_what_their_folder_sees(self):
        self.found({"tests/unit/wire/a_test.cpp": '#include "sim/storage/disk.h"\n'},
                   "tests/unit/wire/a_test.cpp:1: layer: wire may not include storage")
        self.clean({"tests/unit/storage/a_test.cpp": '#include "sim/storage/disk.h"\n',
                    "tests/golden/a_test.cpp": '#include "sim/storage/disk.h"\n'})

    def test_includes_are_written_from_the_root(self):
        self.found({"sim/wire/a.cpp": '#include "b.h"\n'},
                   'sim/wire/a.cpp:1: "b.h" is to be included by its path from the root')
        self.found({"sim/wire/a.cpp": '#include "tests/unit/wire/b.h"\n'}, "sim/wire/a.cpp:1: ")

    def test_an_include_in_a_comment_is_none(self):
        self.clean({"sim/wire/a.cpp": '// #include "sim/storage/disk.h"\n'})

    def test_a_folder_that_the_table_lacks_is_named(self):
        self.found({"sim/shiny/a.cpp": ""}, "sim/shiny/a.cpp:1: folder shiny is not in sim/LAYERS")

    def test_a_line_of_the_table_names_only_lines_above_it(self):
        self.assertEqual(findings({}, "base: wire\nwire: base\n"),
                         ["sim/LAYERS:1: base names wire, not above it"])


class Types(Case):
    ONE = HEADER + "namespace bsim {\nstruct A {\n    int x;\n};\n}  // namespace bsim\n"

    def test_two_types_of_one_name_are_refused(self):
        for other in ("struct A {};", "class A final : public B {\n};", "enum class A { X };",
                      "enum class A : int { X };", "class A\n    : public B {\n};"):
            with self.subTest(other):
                self.found({"sim/base/a.h": self.ONE, "sim/wire/b.cpp":
                            f"namespace bsim {{\n{other}\n}}  // namespace bsim\n"},
                           "sim/wire/b.cpp:2: bsim::A is another type in sim/base/a.h")

    def test_what_only_looks_like_it_passes(self):
        self.clean({"sim/base/a.h": self.ONE, "sim/wire/b.cpp": """namespace bsim {
struct A;
enum class A : int;
struct Outer {
    struct A {};
};
struct B::A {};
namespace {
struct A {};
}  // namespace
}  // namespace bsim
namespace bsim::wire {
struct A {};
}  // namespace bsim::wire
"""})


class Bans(Case):
    def banned(self, code, why, line=2):
        path = "sim/protocol/kraft/a.cpp"
        self.found({path: f"void f() {{\n{code}\n}}\n"}, f"{path}:{line}: banned: {why}")

    def test_every_ban_has_code_that_it_refuses(self):
        snippets = {
            "wall clock": ["auto t = std::chrono::steady_clock::now();", "time(nullptr);",
                           "clock_gettime(CLOCK_REALTIME, &t);", "auto* p = localtime_r(&a, &b);"],
            "differs from one": ["std::uniform_int_distribution<int> d(1, 6);",
                                 "std::shuffle(a.begin(), a.end(), g);",
                                 "std::ranges::shuffle(a, g);"],
            "unseeded": ["std::random_device device;", "int r = rand();", "srand(7);"],
            "a generator": ["std::mt19937_64 engine(7);", "std::minstd_rand engine;"],
            "Boost.Random": ["#include <boost/random/mersenne_twister.hpp>",
                             "boost::random::mt19937 engine;"],
            "iteration order": ["std::unordered_map<int, int> m;",
                                "boost::unordered_flat_set<A> s;"],
            "the value is": ["auto h = std::hash<int>{}(1);"],
            "pointer as key": ["std::map<const Node*, int> m;", "std::set<Node *> s;"],
            "an address": ["auto n = std::uintptr_t(1);", "fmt::format(a, fmt::ptr(p));"],
            "one simulation": ["std::thread t(f);", "std::atomic<int> n;", "#include <mutex>",
                               "std::lock_guard<std::shared_mutex> l;", "sleep(1);"],
            "file access": ["#include <fstream>", "#include <sys/stat.h>",
                            "auto* f = fopen(a, b);"],
            "a listing": ["for (auto e : std::filesystem::directory_iterator(p)) f(e);"],
            "the environment": ["auto* t = std::getenv(name);", "setlocale(LC_ALL, x);"],
            "no floating": ["double x = 1;", "std::vector<float> v;"],
            "exceptions": ["throw 1;", "} catch (const E& e) {"],
            "off in Release": ["assert(a == b);"],
            "output": ["std::cout << a;", "printf(a);", "fmt::print(a);"],
        }
        self.assertEqual(len(snippets), len(tidy.BANS))
        for why, codes in snippets.items():
            for code in codes:
                with self.subTest(code):
                    self.banned(code, why)

    def test_what_only_looks_like_it_passes(self):
        self.clean({"sim/protocol/kraft/a.cpp": """
SimTime time(SimTime at);
void print(Out& out, int operand(int a)) {
    auto t = record.time(now);
    static_assert(true);
    std::map<Name, Node*> by_name;
    int doubled = 2;
    Distribution distribution;
}
"""})

    def test_comments_and_strings_are_not_code(self):
        self.clean({"sim/wire/a.cpp": '// double, std::thread\n/* rand()\n   double */\n'
                                      'const auto a = "double \\" double";\n'
                                      'const auto b = R"x(throw " double)x";\n'
                                      "const int c = 1'000'000, d = 'd';\n"})

    def test_the_line_is_right_after_a_comment_of_several_lines(self):
        self.banned('/* a\n\n*/ auto s = R"(\n)";\ndouble x;', "no floating", line=6)

    def test_exempt_folders_may(self):
        self.clean({"sim/metrics/a.cpp": "double mean();\n", "sim/base/a.cpp":
                    "std::unordered_map<int, int> counts(const X& x);\n",
                    "sim/app/a.cpp": "#include <fstream>\nvoid f() { throw 1; }\n"})

    def test_tests_may_read_files_but_not_clocks(self):
        self.found({"tests/unit/wire/a_test.cpp":
                    "#include <fstream>\nvoid f() { std::this_thread::sleep_for(x); }\n"},
                   "tests/unit/wire/a_test.cpp:2: banned: one simulation is one thread")

    def test_headers_do_not_spread_json_or_names(self):
        self.found({"sim/wire/a.h": HEADER + "#include <nlohmann/json.hpp>\n"},
                   "sim/wire/a.h:3: banned: slow to compile")
        self.found({"sim/wire/a.h": HEADER + "using namespace std;\n"},
                   "sim/wire/a.h:3: banned: in a header")
        self.clean({"sim/wire/a.cpp": "#include <nlohmann/json.hpp>\n"})

    def test_leftovers_and_machine_paths_are_found_in_comments_too(self):
        leftover, place = "TO" + "DO", "/ro" + "ot/x"
        self.found({"sim/wire/a.cpp": f"// {leftover}: more\n// see {place}\n",
                    "scripts/a.py": f"# {leftover}\n"},
                   "scripts/a.py:1: banned: leftover", "sim/wire/a.cpp:1: banned: leftover",
                   "sim/wire/a.cpp:2: banned: a path of somebody's machine")

    def test_every_exemption_names_a_place_of_this_project(self):
        layers, _ = tidy.read_layers(ROOT)
        places = [f"sim/{folder}/" for folder in layers]
        places += [file.path for file in tidy.read_files(ROOT)]
        exempt = [path for ban in tidy.BANS + tidy.HEADER_BANS for path in ban.allowed]
        for path in [*exempt, *tidy.MUTABLE_GLOBALS, *(f"{n}." for n in tidy.KAFKA_NAMES)]:
            self.assertTrue([p for p in places if path in p], path)


class MutableGlobals(Case):
    def mutable(self, code, line=1):
        self.found({"sim/wire/a.cpp": code + "\n"}, f"sim/wire/a.cpp:{line}: mutable global: ")

    def test_variables_of_a_namespace_are_constant(self):
        for code in ("int count = 0;", "namespace { std::vector<const int> all; }",
                     "inline Cache cache{};", "const char* name = nullptr;",
                     "std::map<int, int> Foo::by_id;", "static bool done;"):
            with self.subTest(code):
                self.mutable(code)

    def test_statics_of_classes_and_functions_are_constant(self):
        self.mutable("class A {\n    static int count;\n};", 2)
        self.mutable("int next() {\n    static int last = 0;\n    return ++last;\n}", 2)
        self.mutable("int next() {\n    f();\n    static std::vector<int> all{1};\n}", 3)

    def test_constants_functions_types_and_members_pass(self):
        self.clean({"sim/wire/a.cpp": """
constexpr int kOne = 1;
const std::map<int, int> kAll = {{1, 2}, {3, 4}};
const char* const kName = "a";
constexpr const char* kNames[] = {"a", "b"};
using Ids = std::vector<int>;
static int helper(int a);
template <class T> T zero;
enum class Color : int { Red, Green };
extern "C" { void hook(int); }
class A {
  public:
    static A make(int x);
    static constexpr int kTwo = 2;

  private:
    int count_ = 0;
    std::vector<int> all_{};
};
int A::get() const {
    static const std::vector<int> kSome{1, 2};
    int local = 0;
    return local;
}
"""})


class Sizes(Case):
    def test_a_file_has_at_most_500_lines(self):
        self.clean({"sim/wire/a.cpp": "//\n" * 500})
        self.found({"sim/wire/a.cpp": "//\n" * 501}, "sim/wire/a.cpp:501: 501 lines, limit 500")

    def test_a_line_has_at_most_100_columns(self):
        self.clean({"sim/wire/a.cpp": "// " + "é" * 97 + "\n"})
        self.found({"scripts/a.py": "# " + "x" * 99 + "\n"}, "scripts/a.py:1: 101 columns")

    def test_a_body_has_at_most_60_lines(self):
        def body(lines):
            return "void f(int a) {\n" + "    g();\n" * lines + "}\n"
        self.clean({"sim/wire/a.cpp": body(59)})
        self.found({"sim/wire/a.cpp": "\n" + body(60)}, "sim/wire/a.cpp:2: f: 61 lines, limit 60")

    def test_a_function_has_at_most_5_parameters(self):
        self.found({"sim/wire/a.cpp": "int A::f(int a, int b, int c, int d, int e, int f) {}\n"},
                   "sim/wire/a.cpp:1: f: 6 parameters, limit 5")
        self.clean({"sim/wire/a.cpp":
                    "void f(std::map<int, int> a, std::function<void(int, int)> b,\n"
                    "       int c = g(1, 2), int d = 0, E e = {1, 2}) {}\n"})


class Files(Case):
    def test_a_header_opens_with_pragma_once_and_a_comment(self):
        self.found({"sim/wire/a.h": "// What it is.\n#pragma once\n"},
                   "sim/wire/a.h:1: a header begins with #pragma once")
        self.found({"sim/wire/a.h": "#pragma once\n\n#include <map>\n"},
                   "sim/wire/a.h:2: a header tells what it is")
        self.clean({"sim/wire/a.h": HEADER})

    def test_names_tell_and_are_in_snake_case(self):
        self.found({"sim/wire/byte_utils.cpp": ""}, "sim/wire/byte_utils.cpp:1: the name does not")
        self.found({"sim/wire/Frame.cpp": ""}, "sim/wire/Frame.cpp:1: file names are snake_case")
        self.clean({"sim/storage/producer_state_manager.cpp": ""})


class Deviations(Case):
    FILES = {"sim/wire/a.h": HEADER + "// More. DEVIATION: the first; it\n// goes on. Source: K.\n"
                                      "// DEVIATION: the second.\n// DEVIATION: the third.\n//\n"
                                      "// Not it.\n",
             "sim/wire/b.cpp": "int f() {\n    // DEVIATION: the last.\n    return 1;\n}\n"}
    LIST = ("- `sim/wire/a.h`: The first; it goes on.\n- `sim/wire/a.h`: The second.\n"
            "- `sim/wire/a.h`: The third.\n- `sim/wire/b.cpp`: The last.\n")

    def readme(self, listed):
        return {"README.md": f"# Title\n<!-- deviations -->\n{listed}<!-- /deviations -->\nEnd.\n"}

    def test_the_readme_lists_them_word_for_word(self):
        self.clean({**self.FILES, **self.readme(self.LIST)})
        self.found({**self.FILES, **self.readme("")},
                   "README.md:1: the list of deviations between")
        self.found(self.FILES, "README.md:1: the list of deviations between")
        self.found(self.readme("- a lie\n"), "README.md:1: the list of deviations between")

    def test_a_project_without_deviations_needs_no_list(self):
        self.clean({"sim/wire/a.cpp": "", "README.md": "# Title\n"})

    def test_the_list_is_printed_and_written(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {"sim/LAYERS": LAYERS, **self.FILES, **self.readme("old\n")}.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
            self.assertEqual(self.run_tidy(folder, "--deviations"), (0, self.LIST))
            self.assertEqual(self.run_tidy(folder)[0], 1)
            self.assertEqual(self.run_tidy(folder, "--update-readme"), (0, ""))
            self.assertEqual((root / "README.md").read_text(), self.readme(self.LIST)["README.md"])
            self.assertEqual(self.run_tidy(folder), (0, ""))

    def run_tidy(self, *arguments):
        done = subprocess.run([sys.executable, "-B", ROOT / "scripts/tidy.py", *arguments],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


class ReadingCpp(unittest.TestCase):
    def functions(self, code):
        return [(f.name, f.line, f.body_lines, f.parameters) for f in Reader(code).functions]

    def test_functions_of_all_kinds_are_seen(self):
        self.assertEqual(self.functions("""
namespace a {
struct S : Base<int> {
    explicit S(int x) : Base<int>{x}, b_(x < 3), c_([&] { return x > 1; }()) {
        go();
    }
    ~S() {}
    bool operator()(int x, int y) const { return x < y; }
    auto operator<=>(const S&) const = default;
    int b_ = f(1);
};
template <class T = std::map<int, int>>
[[nodiscard]] auto f(T t, int n) -> std::vector<T> {
    if (t) { g(); }
    return {};
}
constexpr auto kLambda = [](int a) { return a; };
TEST(Suite, Name) {
    f();
}
}  // namespace a
"""), [("S", 4, 2, 1), ("~S", 7, 0, 0), ("operator_", 8, 0, 2), ("f", 12, 3, 2),
            ("TEST", 18, 2, 2)])

    def test_braces_in_literals_and_directives_do_not_count(self):
        self.assertEqual(self.functions('#define X {\nint f() {\n    return "}{"[0] + \'{\';\n}\n'),
                         [("f", 2, 2, 0)])

    def test_text_without_literals_keeps_its_length(self):
        text = 'a("b\\"c"); // d\nR"(e\n)" /* f\n */ g'
        self.assertEqual(without_literals(text), 'a(' + " " * 6 + "); " + " " * 4 + "\n"
                         + " " * 4 + "\n" + " " * 2 + " " * 5 + "\n" + " " * 3 + " g")


class Command(unittest.TestCase):
    def test_a_root_without_layers_is_a_usage_error(self):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as stopped:
            sys.argv, kept = ["tidy.py", "/nowhere"], sys.argv
            try:
                tidy.main()
            finally:
                sys.argv = kept
        self.assertEqual(stopped.exception.code, 2)


class Dev(unittest.TestCase):
    def test_an_unknown_verb_is_refused_with_the_list(self):
        for arguments in ([], ["no-such-verb"]):
            done = subprocess.run([ROOT / "scripts/dev", *arguments], capture_output=True,
                                  text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            for verb in ("demo", "test", "build", "tidy", "fmt", "golden"):
                self.assertIn(f"\n  {verb} ", done.stderr)


if __name__ == "__main__":
    unittest.main()
