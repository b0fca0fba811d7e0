
#include "events_pattern_internal.h"


#define events_ecma_category(text, one, two)                                  \
    { { one, two, NULL }, text, 0, 1, 0 }

#define events_ecma_binary(text, alias)                                       \
    { { text, alias, NULL }, text, 0, 0, 0 }


/* ECMA-262, section 21.2.1: its names, and nothing but these spellings */

const events_ecma_property_t  events_ecma_properties[] = {

    events_ecma_category("L&", "LC", "Cased_Letter"),
    events_ecma_category("Pe", "Pe", "Close_Punctuation"),
    events_ecma_category("Pc", "Pc", "Connector_Punctuation"),
    { { "Cc", "Control", "cntrl" }, "Cc", 0, 1, 0 },
    events_ecma_category("Sc", "Sc", "Currency_Symbol"),
    events_ecma_category("Pd", "Pd", "Dash_Punctuation"),
    { { "Nd", "Decimal_Number", "digit" }, "Nd", 0, 1, 0 },
    events_ecma_category("Me", "Me", "Enclosing_Mark"),
    events_ecma_category("Pf", "Pf", "Final_Punctuation"),
    events_ecma_category("Cf", "Cf", "Format"),
    events_ecma_category("Pi", "Pi", "Initial_Punctuation"),
    events_ecma_category("L", "L", "Letter"),
    events_ecma_category("Nl", "Nl", "Letter_Number"),
    events_ecma_category("Zl", "Zl", "Line_Separator"),
    events_ecma_category("Ll", "Ll", "Lowercase_Letter"),
    { { "M", "Mark", "Combining_Mark" }, "M", 0, 1, 0 },
    events_ecma_category("Sm", "Sm", "Math_Symbol"),
    events_ecma_category("Lm", "Lm", "Modifier_Letter"),
    events_ecma_category("Sk", "Sk", "Modifier_Symbol"),
    events_ecma_category("Mn", "Mn", "Nonspacing_Mark"),
    events_ecma_category("N", "N", "Number"),
    events_ecma_category("Ps", "Ps", "Open_Punctuation"),
    events_ecma_category("C", "C", "Other"),
    events_ecma_category("Lo", "Lo", "Other_Letter"),
    events_ecma_category("No", "No", "Other_Number"),
    events_ecma_category("Po", "Po", "Other_Punctuation"),
    events_ecma_category("So", "So", "Other_Symbol"),
    events_ecma_category("Zp", "Zp", "Paragraph_Separator"),
    events_ecma_category("Co", "Co", "Private_Use"),
    { { "P", "Punctuation", "punct" }, "P", 0, 1, 0 },
    events_ecma_category("Z", "Z", "Separator"),
    events_ecma_category("Zs", "Zs", "Space_Separator"),
    events_ecma_category("Mc", "Mc", "Spacing_Mark"),
    events_ecma_category("Cs", "Cs", "Surrogate"),
    events_ecma_category("S", "S", "Symbol"),
    events_ecma_category("Lt", "Lt", "Titlecase_Letter"),
    events_ecma_category("Cn", "Cn", "Unassigned"),
    events_ecma_category("Lu", "Lu", "Uppercase_Letter"),

    { { "ASCII", NULL, NULL }, NULL, 0x7F, 0, 0 },
    { { "Any", NULL, NULL }, NULL, EVENTS_ECMA_MAX_CODE, 0, 0 },
    { { "Assigned", NULL, NULL }, "Cn", 0, 0, 1 },

    events_ecma_binary("ASCII_Hex_Digit", "AHex"),
    events_ecma_binary("Alphabetic", "Alpha"),
    events_ecma_binary("Bidi_Control", "Bidi_C"),
    events_ecma_binary("Bidi_Mirrored", "Bidi_M"),
    events_ecma_binary("Case_Ignorable", "CI"),
    events_ecma_binary("Cased", NULL),
    events_ecma_binary("Changes_When_Casefolded", "CWCF"),
    events_ecma_binary("Changes_When_Casemapped", "CWCM"),
    events_ecma_binary("Changes_When_Lowercased", "CWL"),
    events_ecma_binary("Changes_When_NFKC_Casefolded", "CWKCF"),
    events_ecma_binary("Changes_When_Titlecased", "CWT"),
    events_ecma_binary("Changes_When_Uppercased", "CWU"),
    events_ecma_binary("Dash", NULL),
    events_ecma_binary("Default_Ignorable_Code_Point", "DI"),
    events_ecma_binary("Deprecated", "Dep"),
    events_ecma_binary("Diacritic", "Dia"),
    events_ecma_binary("Emoji", NULL),
    events_ecma_binary("Emoji_Component", "EComp"),
    events_ecma_binary("Emoji_Modifier", "EMod"),
    events_ecma_binary("Emoji_Modifier_Base", "EBase"),
    events_ecma_binary("Emoji_Presentation", "EPres"),
    events_ecma_binary("Extended_Pictographic", "ExtPict"),
    events_ecma_binary("Extender", "Ext"),
    events_ecma_binary("Grapheme_Base", "Gr_Base"),
    events_ecma_binary("Grapheme_Extend", "Gr_Ext"),
    events_ecma_binary("Hex_Digit", "Hex"),
    events_ecma_binary("IDS_Binary_Operator", "IDSB"),
    events_ecma_binary("IDS_Trinary_Operator", "IDST"),
    events_ecma_binary("ID_Continue", "IDC"),
    events_ecma_binary("ID_Start", "IDS"),
    events_ecma_binary("Ideographic", "Ideo"),
    events_ecma_binary("Join_Control", "Join_C"),
    events_ecma_binary("Logical_Order_Exception", "LOE"),
    events_ecma_binary("Lowercase", "Lower"),
    events_ecma_binary("Math", NULL),
    events_ecma_binary("Noncharacter_Code_Point", "NChar"),
    events_ecma_binary("Pattern_Syntax", "Pat_Syn"),
    events_ecma_binary("Pattern_White_Space", "Pat_WS"),
    events_ecma_binary("Quotation_Mark", "QMark"),
    events_ecma_binary("Radical", NULL),
    events_ecma_binary("Regional_Indicator", "RI"),
    events_ecma_binary("Sentence_Terminal", "STerm"),
    events_ecma_binary("Soft_Dotted", "SD"),
    events_ecma_binary("Terminal_Punctuation", "Term"),
    events_ecma_binary("Unified_Ideograph", "UIdeo"),
    events_ecma_binary("Uppercase", "Upper"),
    events_ecma_binary("Variation_Selector", "VS"),
    events_ecma_binary("White_Space", "space"),
    events_ecma_binary("XID_Continue", "XIDC"),
    events_ecma_binary("XID_Start", "XIDS"),

    { { NULL, NULL, NULL }, NULL, 0, 0, 0 }
};


const events_ecma_property_t *
events_ecma_property(const events_str_t *name, int category)
{
    unsigned                       i;
    const events_ecma_property_t  *property;

    for (property = events_ecma_properties; property->names[0]; property++) {

        if (category && !property->category) {
            continue;
        }

        for (i = 0; i < 3 && property->names[i]; i++) {

            if (strlen(property->names[i]) == name->len
                && memcmp(property->names[i], name->data, name->len) == 0)
            {
                return property;
            }
        }
    }

    return NULL;
}
