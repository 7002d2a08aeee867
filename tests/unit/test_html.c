/* SPDX-License-Identifier: Apache-2.0 */
/* A page that holds all and fetches nothing (R-PAGE-10), whose policy allows its own style alone (R-PAGE-11). */
#include "base/base64.h"
#include "base/hash.h"
#include "page_rig.h"
#include "tap.h"

#define PARSE                                                                                      \
    "import sys,html.parser\n"                                                                     \
    "void={'meta','br','link','img'}\n"                                                            \
    "class P(html.parser.HTMLParser):\n"                                                           \
    "  s=[];t=set();ids=[];bad=[]\n"                                                               \
    "  def handle_starttag(self,g,a):\n"                                                           \
    "    self.t.add(g)\n"                                                                          \
    "    [self.ids.append(v) for k,v in a if k=='id']\n"                                           \
    "    self.bad+=[k for k,v in a if k in('src','href','style') or k[:2]=='on' or 'http:' in (v " \
    "or '')]\n"                                                                                    \
    "    if g not in void: self.s.append(g)\n"                                                     \
    "  def handle_endtag(self,g):\n"                                                               \
    "    assert self.s.pop()==g,g\n"                                                               \
    "p=P();p.feed(open(sys.argv[1],encoding='utf-8').read());p.close()\n"                          \
    "assert not p.s and not p.bad,(p.s,p.bad)\n"                                                   \
    "assert len(set(p.ids))==len(p.ids)\n"                                                         \
    "assert not p.t&{'script','iframe','img','link','object'},p.t\n"

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

static void test_policy(const char *html)
{
    const char *const begin = strstr(html, "<style>"), *const end = strstr(html, "</style>");
    struct jb_buf digest = JB_BUF(256);

    if (!ok(begin && end, "a style"))
        return;
    const struct jb_hash_part part = {begin + 7, (size_t)(end - begin - 7)};
    const struct jb_hash hash = jb_hash_parts(&part, 1);
    jb_buf_add_text(&digest, "style-src 'sha256-");
    jb_base64_add(&digest, hash.bytes, sizeof hash.bytes);
    ok(strstr(html, jb_buf_text(&digest)) != NULL, "the policy allows this style by its digest");
    ok(strstr(html, "default-src 'none'") != NULL, "and nothing else");
    ok(count(html, "<style") == 1, "there is one style");
    jb_buf_release(&digest);
}

int main(void)
{
    struct jb_document document;
    struct jb_buf out = JB_BUF(1 << 20);
    char seen[4096];

    rig_document(&document, 3);
    is_i64(jb_document_html(&document, &out, NULL), JB_OK, "written");
    const char *const html = jb_buf_text(&out);
    const int status = rig_ask((const char *const[]){"python3", "-c", PARSE, "FILE", NULL}, html,
                               out.len, seen, sizeof seen);
    if (status == -1)
        skip("no python3");
    else
        is_i64(status, 0, "every tag is closed, ids are there once, nothing is fetched or run: %s",
               seen);
    is_i64((int64_t)count(html, "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#38;&#39;?"),
           11, "foreign text stays text, in title, headings, prose, lists, tables and names");
    ok(!strstr(html, "<script"), "no script");
    is_i64((int64_t)count(html, "row-"), 3, "all rows");
    ok(strstr(html, "class=\"narrow\"") && strstr(html, "class=\"wide\""),
       "two widths of a picture");
    ok(strstr(html, "<th scope=\"row\">row-0") && strstr(html, "<th scope=\"col\">run"),
       "titles are titles");
    ok(strstr(html, "2025-11-24T16:00:00Z") != NULL, "as of when");
    test_policy(html);
    jb_document_text(&document, "more");
    document.failed = JB_E_NOMEM;
    ok(jb_document_html(&document, &out, NULL) == JB_E_NOMEM, "a document that failed has no page");
    jb_document_release(&document);
    jb_buf_release(&out);
    return done_testing();
}
